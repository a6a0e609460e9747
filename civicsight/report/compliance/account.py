"""What a compliance report tells, and the plain tables that it stands on.

Verdicts are read by people and get headings in every language. The tables of a recount are read by
programs: their headings are plain names and every number has all its digits.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import columns_of, translate
from civicsight.core.inert import inert_cells
from civicsight.core.progress import Progress
from civicsight.core.settings import present_day
from civicsight.coverage.check import check
from civicsight.coverage.result import CheckResult
from civicsight.model import NEED, READINGS, City
from civicsight.planning.compliance import Compliance, gravest_first, judge
from civicsight.planning.judging.dossier import Dossier
from civicsight.planning.judging.indices import Indices, camera_facts
from civicsight.planning.judging.remediation import clear_exposed
from civicsight.planning.judging.secrecy import without_hidden
from civicsight.planning.judging.weakening import Weakening, weigh_weakened
from civicsight.planning.record.digests import city_digests
from civicsight.planning.statement.figures import Figures, figures_of_check, figures_of_judging
from civicsight.report.tables import plain_positions
from civicsight.rules import Rules, load_packs
from civicsight.rules.vocabulary import field_name, field_word, join

RECOUNT: Final = ("parts.csv", "needs.csv", "px.csv", "cameras.csv", "private.csv")
"""Tables from which every index can be computed again."""


def verdict_table(compliance: Compliance) -> pd.DataFrame:
    """Return the facts with their reasons as text in every language and plain positions.

    Each stands once, with all its legal bases.
    """
    verdicts = gravest_first(compliance.facts)
    out = pd.DataFrame(verdicts.drop(columns="geometry"))
    place = out.columns.get_loc("because")
    del out["because"]
    for offset, (name, said) in enumerate(reasons_in_all(verdicts["because"]).items()):
        out.insert(place + offset, name, said)
    out["bases"] = [tuple(map(" ".join, bases)) for bases in verdicts["bases"]]
    out["missing"] = [list(names or ()) for names in verdicts["missing"]]
    placed = verdicts[verdicts.geometry.notna()]
    spots = plain_positions(placed)[["lon", "lat"]]
    return out.join(spots)


def privacy_table(dossier: Dossier, progress: Progress | None = None) -> pd.DataFrame:
    """Return who could look into private places and what clears them, notes in every language."""
    table = clear_exposed(dossier, progress=progress)
    said = table.pop("note")
    for name, language in columns_of("note").items():
        table[name] = ["" if text is None else translate(text, language) for text in said]
    return table


FILING: Final[Mapping[str, Text]] = {
    "name": N_("Name"),
    "authority": N_("Competent police organ"),
    "filed_on": N_("Filed on"),
    "in_use_on": N_("In use since"),
    "owner_unit": N_("Unit that owns or runs it"),
    "device_count": N_("Number of devices"),
    "device_type": N_("Type of the devices"),
    "retention_days": N_("Days for which images are kept"),
}
"""What is filed of each camera beside its place, and its heading."""


def filing_table(dossier: Dossier) -> pd.DataFrame:
    """Return what is to be filed with the police of each camera that stands, with its place."""
    cameras = dossier.tables["camera"]
    standing = cameras[cameras["status"].eq("existing")]
    spots = plain_positions(standing)[["lon", "lat"]]
    return pd.DataFrame(standing[list(FILING)]).join(spots)


def in_words(texts: Iterable[Text], language: Any) -> str:
    """Join reasons to one line in a language."""
    return translate(join(texts, loose=True), language)


def reasons_in_all(because: Iterable[Iterable[Text]]) -> dict[str, list[str]]:
    """Return the columns of reasons as text, one for each language."""
    return {
        name: [in_words(texts, language) for texts in because]
        for name, language in columns_of("because").items()
    }


def lacking(names: Iterable[str], language: Any, *, coded: bool = True) -> str:
    """Join fields that are missing to one line; `coded`: with the names that data use."""
    said = field_word if coded else field_name
    return translate(join(said(name) for name in names), language)


def why_open(own: pd.DataFrame, language: Any) -> tuple[list[str], list[tuple[str, int]]]:
    """Return what verdicts that are open lack, and why they are, with how often: first the most."""
    missing = Counter(name for names in own["missing"] for name in names or ())
    reasons = Counter(in_words(texts, language) for texts in own["because"])
    return [name for name, _ in missing.most_common()], reasons.most_common()


def recount_tables(dossier: Dossier) -> dict[str, pd.DataFrame]:
    """Return the tables of a recount by file name, each with a plain index."""
    result = dossier.result
    parts = result.parts[["zone_id", "kind", "fraction", "k"]]
    needs = result.samples[["part_id", NEED, "weight"]]
    tables = (
        pd.DataFrame(parts),
        pd.DataFrame(needs),
        _densities({name: result.matrices[name] for name in READINGS}),
        camera_facts(dossier.result, dossier.inside_hits),
        _private(dossier),
    )
    return dict(zip(RECOUNT, tables, strict=True))


def _densities(matrices: Mapping[str, Any]) -> pd.DataFrame:
    """Return camera, sample and px/m by reading, where there is any."""
    last = matrices[READINGS[-1]]
    coo = last.q.tocoo()
    row, column = coo.coords
    order = np.lexsort((column, row))
    row, column = row[order], column[order]
    table = pd.DataFrame(
        {
            "camera_id": last.camera_ids.to_numpy(object)[row],
            "sample_id": last.sample_ids.to_numpy(object)[column],
        }
    )
    for reading, matrix in matrices.items():
        table[f"px_m_{reading}"] = _entries(matrix, row, column)
    return table.set_index("camera_id")


def _entries(matrix: Any, row: Any, column: Any) -> Any:
    if not len(row):
        return np.zeros(0)
    return np.asarray(matrix.q.tocsr()[row, column], np.float64).ravel()


def _private(dossier: Dossier) -> pd.DataFrame:
    """Return camera, piece of a private facade and px/m, without masks and with them."""
    exposure = dossier.exposure
    table = _densities({name: exposure.matrices[name] for name in READINGS}).reset_index()
    last = exposure.matrices[READINGS[-1]]
    row = last.camera_ids.get_indexer(table["camera_id"])
    column = last.sample_ids.get_indexer(table["sample_id"])
    for reading in (READINGS[0], READINGS[-1]):
        table[f"masked_px_m_{reading}"] = _entries(exposure.veiled[reading], row, column)
    table["area_m2"] = exposure.facades["area_m2"].to_numpy(np.float64)[column]
    return table.set_index("camera_id")


def write_plain(path: Path, frame: pd.DataFrame) -> None:
    """Write a table for programs: UTF-8, plain headings, numbers with all their digits."""
    columns = [frame.index, *(frame[name] for name in frame.columns)]
    cells = [inert_cells(column) for column in columns]
    with written_whole(path) as scratch, scratch.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([frame.index.name, *frame.columns])
        writer.writerows(zip(*cells, strict=True))


def city_digest(city: City) -> str:
    """Return one digest of all tables of a city, whatever the order of their rows [SHA-256]."""
    listed = "".join(f"{name} {own}\n" for name, own in sorted(city_digests(city).items()))
    return hashlib.sha256(listed.encode()).hexdigest()


def report_digest(inputs: str, packs: Mapping[str, str], files: Iterable[Path]) -> str:
    """Return the digest of a report: of its inputs, its rule packs and its exported tables."""
    digest = hashlib.sha256(inputs.encode())
    for pack, own in sorted(packs.items()):
        digest.update(f"{pack} {own}".encode())
    for file in sorted(files, key=lambda path: path.name):
        digest.update(file.name.encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


Edition = Literal["reviewer", "public"]
REVIEWER: Edition = "reviewer"
PUBLIC: Edition = "public"

STAGES = 2
"""Looking and judging, clearing and writing: each is one half of the way."""


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """What a compliance report tells.

    Parameters
    ----------
    compliance
        Verdicts of all rules, and what was checked.
    indices
        Indices of the plan.
    at_defaults
        The same indices at the packs' own values; None where users weakened nothing.
    weakening
        What the weakened numbers do; None where there are none.
    edition
        For reviewers, or for the public.
    inputs
        Digest of the tables that it was computed from.
    """

    compliance: Compliance
    indices: Indices
    at_defaults: Indices | None
    weakening: Weakening | None
    edition: Edition
    inputs: str

    @property
    def dossier(self) -> Dossier:
        """Return what was judged."""
        return self.compliance.dossier

    @property
    def result(self) -> CheckResult:
        """Return what was checked."""
        return self.compliance.dossier.result

    @property
    def figures(self) -> Figures:
        """Count what was checked and judged."""
        judged = self.compliance
        found = figures_of_check(self.result)
        own = figures_of_judging(self.result.rules, judged.verdicts, judged.facts, self.indices)
        return replace(found, entries={**found.entries, **own.entries})

    @property
    def public(self) -> bool:
        """Tell whether it is the edition for the public."""
        return self.edition == PUBLIC


def give_account(
    city: City,
    cameras: gpd.GeoDataFrame | None = None,
    *,
    rules: Rules | None = None,
    today: date | None = None,
    edition: Edition = REVIEWER,
    night: bool = False,
    progress: Progress | None = None,
) -> Account:
    """Check a city, judge it by every rule, and measure its indices.

    Parameters
    ----------
    city, rules
        The tables of the project; rule packs, by default those of the planners.
    cameras
        Table `model.CAMERAS` that replaces the city's own.
    today
        The day on which deadlines are judged, and in whose year buildings stand; by default the
        present one.
    edition
        The public one is computed as if no hidden row existed.
    night
        Whether views end at the reach of each camera's own light.
    progress
        Called with steps done and in all.

    Raises
    ------
    SchemaError, CrsError, MismatchError, InputError
        As `check`.
    """
    rules = load_packs() if rules is None else rules
    city = city if cameras is None else replace(city, cameras=cameras)
    if edition == PUBLIC:
        city = without_hidden(city, rules)
    today = present_day() if today is None else today
    looking = partial(check, city, raster=False, night=night, year=today.year)
    result = looking(rules=rules, progress=half(progress, 0))
    compliance = judge(result, today=today, progress=half(progress, 1))
    before = weakening = None
    if rules.weakened:
        plain = looking(rules=rules.at_defaults)
        before = Dossier(plain, compliance.dossier.today).indices
        weakening = weigh_weakened(result, plain)
    indices = compliance.dossier.indices
    return Account(compliance, indices, before, weakening, edition, city_digest(city))


def half(progress: Progress | None, stage: int) -> Progress | None:
    """Report a stage as one half of all."""
    if progress is None:
        return None
    return lambda done, total: progress(stage * total + done, STAGES * total)
