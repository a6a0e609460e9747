"""Two versions of a plan side by side: figures, money, and every row that differs, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.application.coverage_difference import city_of
from civicsight.application.today import is_today, read_side
from civicsight.core.column import Column
from civicsight.core.errors import N_, InputError, Text
from civicsight.core.keyed_difference import ADDED, GEOMETRY, REMOVED, apart_m, compare
from civicsight.coverage.privacy.masks import COLUMN as MASKS
from civicsight.coverage.privacy.masks import describe_masks
from civicsight.io.report import LAYER_LABELS
from civicsight.model import CAMERAS, CITY_TABLES, MEASURES
from civicsight.planning.record.actions import MEASURE_LABELS
from civicsight.planning.record.digests import changed
from civicsight.planning.record.documents import PLAN_RECORD, find_plan
from civicsight.planning.statement.difference import Difference, compare_plans
from civicsight.presentation.columns import HEADINGS, SHEETS
from civicsight.presentation.lexicon import CAMERA_KINDS, CAMERA_STATES, MOUNTS
from civicsight.report.plan.teller import new_camera
from civicsight.rules.vocabulary import field_name, word
from civicsight.store import Actor, VersionHead, open_store

if TYPE_CHECKING:
    from civicsight.editing.project import Project
    from civicsight.presentation.names import Names
    from civicsight.store import Version


PLACE: Final = "place"
"""What differs of a row that was moved."""

WHAT: Final[Mapping[str, Text]] = {
    ADDED: N_("added"),
    REMOVED: N_("no longer listed"),
    PLACE: N_("moved"),
}


def list_versions(project: Project, actor: Actor, plan_id: str) -> list[VersionHead]:
    """Return what is known of the versions of a plan, oldest first."""
    with open_store(project.store_path) as store:
        return store.list_versions(actor, plan_id)


def compare_versions(
    project: Project, actor: Actor, plan_id: str, before: int, after: int
) -> Compared:
    """Compare two versions of a plan that is open to somebody; `TODAY` is what stands.

    Raises
    ------
    Denied
        If it is not.
    Damaged
        If a version is not what was written.
    """
    one, two = (read_side(project, actor, plan_id, number) for number in (before, after))
    if is_today(one.head) or is_today(two.head):
        sides = _cities(project, one, two)
        return Compared(None, tuple(_layers(*sides)), ())
    return Compared(
        _plans(one, two),
        tuple(_layers(one.layers, two.layers)),
        tuple(changed(one.head.inputs, two.head.inputs)),
    )


def _cities(project: Project, *pair: Version) -> list[dict[str, pd.DataFrame]]:
    """Return the tables of the city as each of two versions leaves it, of those that either has.

    What stands is placed as the optimiser places it, where the other version is one of its plans.
    """
    names = {"cameras"}.union(*(version.layers for version in pair)) & {t.name for t in CITY_TABLES}
    optimised = any(PLAN_RECORD in version.documents for version in pair)
    standing = project.result.cameras if optimised else project.city.cameras
    columns = [*(column.name for column in CAMERAS), GEOMETRY]
    today = replace(project.city, cameras=gpd.GeoDataFrame(standing[columns]))
    cities = [today if is_today(one.head) else city_of(project, one) for one in pair]
    return [
        {} if city is None else {name: getattr(city, name) for name in names} for city in cities
    ]


def _plans(one: Version, two: Version) -> Difference | None:
    """Compare what an optimiser made; None where a version was drawn by hand."""
    first, second = find_plan(one.documents), find_plan(two.documents)
    return None if first is None or second is None else compare_plans(first, second)


def _layers(one: Mapping[str, pd.DataFrame], two: Mapping[str, pd.DataFrame]) -> list[Change]:
    none = pd.DataFrame()
    return [
        change
        for layer in sorted(set(one) | set(two))
        if one.get(layer) is not two.get(layer)
        for change in changes_of(layer, one.get(layer, none), two.get(layer, none))
    ]


def changes_of(layer: str, before: pd.DataFrame, after: pd.DataFrame) -> list[Change]:
    """Return every value of a layer that differs, by the id of its row."""
    one, two = (side.rename(index=str, columns=str) for side in (before, after))
    found = compare(one, two, sorted({*one.columns, *two.columns}))
    changes = [Change(layer, *row) for row in found.itertuples(index=False, name=None)]
    return [_moved(change) if change.what == GEOMETRY else change for change in changes]


def _moved(change: Change) -> Change:
    """Return how far a row was moved, as text; None if it had no place, or has none any more."""
    way = apart_m(np.array([change.before], object), np.array([change.after], object))[0]
    told = f"{way:.2f} m" if np.isfinite(way) else None
    return replace(change, what=PLACE, before=None, after=told)


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs: of which row of which layer, its column or what became of it.

    `before` and `after` are the values as the versions keep them; a row that came, went or was
    moved has none, but for the way [m] as text.
    """

    layer: str
    row_id: str
    what: str
    before: Any = None
    after: Any = None

    @property
    def is_value(self) -> bool:
        """Tell whether it is about a value of a row that both versions have."""
        return self.what not in (ADDED, REMOVED, PLACE)


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What differs between two versions.

    Parameters
    ----------
    plans
        Difference of what an optimiser made; None where one was drawn by hand.
    changes
        Values of layers that differ.
    inputs
        Names of the inputs that were not the same.
    """

    plans: Difference | None
    changes: tuple[Change, ...]
    inputs: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing differs."""
        return not self.changes and not self.inputs and (self.plans is None or self.plans.is_empty)


Translate = Callable[[Text], str]

DECIMALS: Final = 4

PLANNED: Final = "plan_cameras"
"""Layer of the cameras that an optimised plan builds or turns."""

LAYERS: Final[Mapping[str, Text]] = {
    **LAYER_LABELS,
    "measures": SHEETS["measures"],
    PLANNED: N_("Planned cameras"),
}

VALUES: Final[Mapping[tuple[str, str], Mapping[str, Text]]] = {
    ("cameras", "kind"): CAMERA_KINDS,
    ("cameras", "mount"): MOUNTS,
    ("cameras", "status"): CAMERA_STATES,
    ("measures", "measure"): MEASURE_LABELS,
    ("obstacles", "kind"): {
        "wall": N_("free-standing wall"),
        "fence": N_("fence"),
        "panel": N_("board or screen"),
        "structure": N_("structure"),
    },
}
"""Words of closed lists by layer and field, where those of all packs say less."""

_COLUMNS: Final[Mapping[str, Mapping[str, Column]]] = {
    name: {column.name: column for column in table}
    for name, table in (
        *((table.name, table) for table in CITY_TABLES),
        ("measures", MEASURES),
        (PLANNED, CAMERAS),
    )
}


def describe_layer(name: str, translate: Translate) -> str:
    """Return what a layer is called."""
    return translate(LAYERS.get(name, Text(name)))


def describe_field(layer: str, name: str, translate: Translate) -> str:
    """Return what a field of a layer is called; one that nobody declared keeps its name."""
    if name == MASKS:
        return translate(field_name(name))
    column = _COLUMNS.get(layer, {}).get(name)
    known = HEADINGS.get(name) or (None if column is None else column.meaning)
    return name if known is None else translate(known)


def describe_value(
    layer: str, name: str, value: Any, translate: Translate, before: Any = None
) -> str:
    """Return a value as a person says it: a code by its word, a list as its entries.

    Masks are told by how much of the picture they take, and by what differs from those before.
    """
    if isinstance(value, Mapping):
        told = {
            describe_field(layer, key, translate): describe_value(layer, key, value[key], translate)
            for key in value
        }
        return translate(N_(", ")).join(
            translate(N_("%(what)s: %(value)s", what=what, value=text))
            for what, text in told.items()
        )
    if isinstance(value, list | tuple | np.ndarray):
        return translate(N_("; ")).join(
            describe_value(layer, name, entry, translate) for entry in value
        )
    if value is None or pd.isna(value):
        return translate(N_("not recorded"))
    if isinstance(value, bool | np.bool_):
        return translate(word(bool(value)))
    if isinstance(value, float | np.floating):
        return f"{round(float(value), DECIMALS):.12g}"
    return _describe_text(layer, name, str(value), translate, before)


def _describe_text(layer: str, name: str, code: str, translate: Translate, before: Any) -> str:
    """Return masks in words, and a code of a closed list; any other text is somebody's own."""
    if name == MASKS:
        with suppress(InputError):  # what nobody can read stands as it is on record
            return translate(N_("; ")).join(map(translate, describe_masks(code, before or "")))
    column = _COLUMNS.get(layer, {}).get(name)
    if column is None or code not in column.choices:
        return code
    known = VALUES.get(("cameras" if layer == PLANNED else layer, name), {})
    return translate(known.get(code) or word(code))


def describe_change(one: Change, names: Names, translate: Translate) -> tuple[str, ...]:
    """Return a change in words: layer, name, what, value before, value after."""
    new = new_camera(one.row_id)
    row = (
        describe_layer(one.layer, translate),
        names.label(one.row_id) if new is None else translate(new),
    )
    if not one.is_value:
        return (*row, translate(WHAT[one.what]), "", one.after or "")
    was = describe_value(one.layer, one.what, one.before, translate)
    now = describe_value(one.layer, one.what, one.after, translate, one.before)
    return (*row, describe_field(one.layer, one.what, translate), was, now)
