"""What the data cap: each limit is read from the code that applies it, and counted where it bites.

References
----------
`coverage.findings.evidence.weigh_parts` (places and gates), `coverage.findings.duplicates` (what a
violation of Article 7 may rest on), `coverage.check.BOUNDS` (assumed heights),
`coverage.pose.confidence_levels` (complete records), `coverage.matrix.at_night` (light).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_, Text
from civicsight.coverage.demand.needs import in_class
from civicsight.coverage.findings.evidence import SEVERITIES, USE_UNRECORDED, first_rule
from civicsight.coverage.pose.assumptions import SURE_SHIFT_M
from civicsight.model import City
from civicsight.presentation.lexicon import VERDICTS
from civicsight.report.quality.cells import Basis, make_cells, measure_layers, read_basis
from civicsight.report.quality.fitness import Firm, Limit, Quality
from civicsight.rules import Rules, load_packs
from civicsight.rules.criteria import BY_KIND
from civicsight.scene.bodies import HIGHEST_OBSTACLE_M, LOWEST_BUILDING_M

NO_COVER: Final = N_(
    "They can cover nothing for sure, and no duplicate among them can be a violation."
)


def find_limits(basis: Basis) -> tuple[Limit, ...]:
    """Return what caps the findings of a project, the widest first, without what caps none."""
    found = [
        *_of_cameras(basis),
        *_of_heights(basis),
        *_of_places(basis),
        *_of_gates(basis),
        *_of_ground(basis),
    ]
    return tuple(sorted((e for e in found if e.count), key=lambda e: -e.share if e.of else 0.0))


def find_firm(basis: Basis) -> tuple[Firm, ...]:
    """Return the headline figures: how many of all rest on nothing assumed."""
    cameras, zones, parts = basis.cameras, basis.zones, basis.parts
    buildings = basis.city.buildings
    standing = zones["standing"].isin(["designated", "confirmed"])
    return (
        Firm("cameras", int((cameras["used"] & cameras["sure"]).sum()), int(cameras["used"].sum())),
        Firm("buildings", int((~buildings["height_assumed"]).sum()), len(buildings)),
        Firm("places", int(standing.sum()), len(zones)),
        Firm("gates", int((~parts["guessed"]).sum()), len(parts)),
        Firm("findings", int((~parts["capped"]).sum()), len(parts)),
    )


def missing_of(cameras: pd.DataFrame) -> dict[str, BoolArray]:
    """Return by column which cameras in use lack it, of those without a complete record."""
    unsure = (cameras["used"] & ~cameras["sure"]).to_numpy(bool)
    names = ("height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "width_px")
    return {name: unsure & cameras[name].isna().to_numpy(bool) for name in names}


def _of_cameras(basis: Basis) -> Iterator[Limit]:
    cameras = basis.cameras
    used = cameras["used"].to_numpy(bool)
    n, lacks = int(used.sum()), missing_of(cameras)

    def limit(code: str, which: BoolArray, lack: Text, effect: Text, remedy: Text) -> Limit:
        return Limit(code, "cameras", int(which.sum()), n, lack, effect, remedy)

    unsure = used & ~cameras["sure"].to_numpy(bool)
    worst = _worst_unsure(basis)
    yield limit(
        "cameras.incomplete",
        unsure,
        N_("cameras in use whose record is not complete"),
        N_(
            "What they see is assumed or possible, never sure: no gate counts as covered by them, "
            "and a duplicate among them is at most: %(severity)s.",
            severity=worst,
        ),
        N_("Record height, direction, tilt, field of view and pixels of each."),
    )
    yield limit(
        "cameras.no_direction",
        lacks["azimuth_deg"],
        N_("cameras in use without a direction"),
        NO_COVER,
        N_("Record the azimuth; it is the one figure that no place or build gives away."),
    )
    others = lacks["height_m"] | lacks["tilt_deg"] | lacks["hfov_deg"] | lacks["width_px"]
    yield limit(
        "cameras.no_optics",
        others,
        N_("cameras in use without height, tilt, field of view or pixels"),
        NO_COVER,
        N_("Take them from the acceptance papers or the data sheet of the device."),
    )
    moved = unsure & (cameras["shift_m"].to_numpy(np.float64) > SURE_SHIFT_M)
    yield limit(
        "cameras.moved",
        moved,
        N_("cameras recorded more than %(metres)s m inside a building", metres=f"{SURE_SHIFT_M:g}"),
        N_("They are moved to the nearest open wall, so that nothing they see is sure."),
        N_("Correct their position."),
    )
    yield from _of_use(basis, used)


def _of_use(basis: Basis, used: BoolArray) -> Iterator[Limit]:
    cameras = basis.cameras
    unused = ~used
    yield Limit(
        "cameras.unused",
        "cameras",
        int(unused.sum()),
        len(cameras),
        N_("cameras indoors, removed, out of use or off the terrain"),
        N_("They are not counted at all."),
        N_("Check those taken as indoors because their position lies deep in a building."),
    )
    unrecorded = used & cameras["usable"].isna().to_numpy(bool)
    if basis.rules.policy.confirmed_confidence > USE_UNRECORDED:
        yield Limit(
            "cameras.use_unrecorded",
            "cameras",
            int(unrecorded.sum()),
            int(used.sum()),
            N_("cameras in use of which nobody recorded whether they work"),
            N_(
                "A camera whose work they could do is at most: %(severity)s, "
                "for they may be out of order.",
                severity=_cap(basis),
            ),
            N_("Record whether each works and can be networked."),
        )
    lit = cameras["night_reach_m"].notna() | cameras["kind"].isin(list(BY_KIND))
    dark = used & ~lit.to_numpy(bool)
    yield Limit(
        "cameras.no_light",
        "cameras",
        int(dark.sum()),
        int(used.sum()),
        N_("cameras in use without a range of their light at night"),
        N_("A check of the night credits them with nothing for sure."),
        N_("Record the range of the infrared or white light; 0 where there is none."),
    )


def _of_heights(basis: Basis) -> Iterator[Limit]:
    effects = {
        "buildings": N_(
            "What is sure takes them as endlessly high, what is possible as %(low)s m high: behind "
            "them nothing is covered for sure, and a gap is certain only where no line passes "
            "even then.",
            low=f"{LOWEST_BUILDING_M:g}",
        ),
        "obstacles": N_(
            "What is sure takes them as at least %(high)s m high, what is possible as not there.",
            high=f"{HIGHEST_OBSTACLE_M:g}",
        ),
        "canopies": N_(
            "What is sure takes them as reaching from the ground up without end, what is possible "
            "as not there."
        ),
    }
    lacks = {
        "buildings": N_("buildings whose height is assumed"),
        "obstacles": N_("walls, panels and structures whose height is assumed"),
        "canopies": N_("tree crowns whose height is assumed"),
    }
    remedy = N_("Record storeys or heights, those beside gates and cameras first.")
    for layer, lack in lacks.items():
        table = getattr(basis.city, layer)
        count, effect = int(table["height_assumed"].sum()), effects[layer]
        yield Limit(f"{layer}.height_assumed", layer, count, len(table), lack, effect, remedy)


def _of_places(basis: Basis) -> Iterator[Limit]:
    zones, least = basis.zones, basis.rules.policy.confirmed_confidence
    open_ = ~zones["standing"].isin(["designated", "confirmed"])
    open_ |= zones["confidence"].astype("float64").fillna(0.0) < least
    yield Limit(
        "places.candidate",
        "places",
        int(open_.sum()),
        len(zones),
        N_("mandatory places that nobody has designated or confirmed"),
        N_("Whatever is found about them is at most: %(severity)s.", severity=_cap(basis)),
        N_("Give the register of the authority, or confirm the places one by one."),
    )
    classes = basis.rules.zone_classes
    asked = [entry for entry in classes if not entry.mobile]
    empty = [entry for entry in asked if not in_class(zones, entry.pack, entry.id).any()]
    yield Limit(
        "places.no_class",
        "places",
        len(empty),
        len(asked),
        N_("classes of places of which none was found"),
        N_("Nothing can be found about them: no finding there is no sign that all is well."),
        N_("Ask the authority in charge for its list."),
    )


def _of_gates(basis: Basis) -> Iterator[Limit]:
    parts, cap = basis.parts, _cap(basis)
    yield Limit(
        "gates.inferred",
        "entrances",
        int(parts["guessed"].sum()),
        len(parts),
        N_("gates and key parts inferred from the map, not surveyed"),
        N_("Whatever is found about them is at most: %(severity)s.", severity=cap),
        N_("Survey the gates, or confirm the inferred ones, and give them as entrances."),
    )
    doubtful = parts["grounds"].map(lambda names: "uncertain_part" in names)
    yield Limit(
        "gates.uncertain",
        "entrances",
        int(doubtful.sum()),
        len(parts),
        N_("gates of which it is not certain that they are main ones"),
        N_("Whatever is found about them is at most: %(severity)s.", severity=cap),
        N_("Mark the main gates."),
    )


def _of_ground(basis: Basis) -> Iterator[Limit]:
    city = basis.city
    yield Limit(
        "terrain.flat",
        "terrain",
        int(city.terrain is None),
        0,
        N_("no terrain"),
        N_("The ground is taken as flat: hills, bridges and slopes hide and show nothing."),
        N_("Give a digital elevation model, where the ground is not flat."),
    )


def _cap(basis: Basis) -> Text:
    """Return what the policy lets a finding on uncertain ground be at most."""
    return VERDICTS[basis.rules.policy.candidate_cap]


def _worst_unsure(basis: Basis) -> Text:
    """Return the most serious verdict that the rules on duplicates give to what is not sure."""
    asked = (first_rule(basis.rules, name, "camera") for name in ("marginal_gain", "contribution"))
    verdicts = [rule.on_unknown or "info" for rule in asked if rule is not None]
    worst = max(verdicts, key=SEVERITIES.index, default="info")
    return VERDICTS[worst]


def quality_of(city: City, *, rules: Rules | None = None) -> Quality:
    """Measure the data of a project, with the code that findings are made by.

    Parameters
    ----------
    city
        The project, not changed.
    rules
        Rule packs, by default those of the planners; their policy sets the caps.

    Raises
    ------
    SchemaError, InputError
        If a table is not as declared, or a register names a class that no pack has.
    """
    rules = load_packs() if rules is None else rules
    basis = read_basis(city, rules)
    cells, side = make_cells(basis)
    return Quality(
        city,
        basis.cameras,
        measure_layers(city),
        find_firm(basis),
        find_limits(basis),
        cells,
        side,
        rules.value("inventory_max_age"),
        rules.versions,
        rules.sha256,
    )
