"""What each command prints for a program with ``--json``: declared here, and published from here.

The schema of a command, the page of the reference and the test of every value that a test prints
are made of these declarations. Closed lists are those of the code that they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, get_args

from civicsight.application.bringing_back import SIDES
from civicsight.application.bringing_back import STATES as CHANGED_BY
from civicsight.cli.plan_verifying import BASES
from civicsight.cli.shapes import (
    Shape,
    about,
    by,
    columns_of,
    count,
    day,
    flag,
    items,
    may_lack,
    maybe,
    names_in,
    number,
    record,
    share,
    shared,
    text,
)
from civicsight.core.errors import N_, Text
from civicsight.core.table import Table
from civicsight.coverage.findings.status import STATUSES
from civicsight.coverage.result import NOT_JUDGED, STATES
from civicsight.inventory.census import STATES as LISTED
from civicsight.inventory.difference import WHAT as KINDS_OF_DIFFERENCE
from civicsight.inventory.survey import STOPS
from civicsight.model import CAMERAS, FINDINGS, PARTS, READINGS, ZONES
from civicsight.model.format_versions import FORMATS
from civicsight.model.notes import NOTE_KINDS, Weight
from civicsight.model.plan_tables import LEDGER, MEASURE_KINDS
from civicsight.planning.aims.options import OPTIONS
from civicsight.planning.candidates.model import REASONS, WHY_UNREACHABLE
from civicsight.planning.choice.order_of_aims import Aim
from civicsight.planning.duplicates import Verdict
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.planning.money.payers import SOURCES
from civicsight.planning.prices.terms import BudgetOf
from civicsight.planning.record.actions import ACTIONS
from civicsight.planning.record.opinions import ADOPTIONS, REPLIES
from civicsight.planning.record.plan import Goal
from civicsight.planning.solver.outcome import Status
from civicsight.planning.solver.phases_model import Reason
from civicsight.planning.statement.difference import CHANGES, COMPARED, COMPARED_FIGURES
from civicsight.planning.statement.figures import ROWS
from civicsight.planning.statement.promises import Kind
from civicsight.planning.works.progress import STATES as STATES_OF_WORKS
from civicsight.rules.directions import Change
from civicsight.rules.pack import Severity
from civicsight.scene.bodies import SEASONS
from civicsight.store import Act, Role, State
from civicsight.store.audit import BEGIN
from civicsight.store.handover_proof import KEY, ROOT, UNPROVEN

FILES: Final = items(N_("Files that were written"), text())
HASH: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
ROOT_OR_NONE: Final = {"type": "string", "pattern": "^([0-9a-f]{64})?$"}
LABEL: Final = by(None, text())
SUBJECT: Final = text(N_("Number of the camera or place; empty for the plan as a whole"))
STALE: Final = items(N_("Names of the inputs that changed since the plan was made"), text())
LINES: Final = items(N_("How good the plan is, in sentences"), text())
BEFORE_AFTER: Final = ("before", "after")


def _choices(table: Table, name: str) -> tuple[str, ...]:
    """Return the closed list of a declared column."""
    return next(column.choices for column in table if column.name == name)


def _counts(meaning: Text, among: Iterable[str] = ()) -> Shape:
    """Return the shape of counts by name."""
    return by(meaning, count(), among)


def _each(meaning: Text | None, names: Iterable[str], shape: Shape | None = None) -> Shape:
    """Return the shape of one value for each name of a closed list: by default a count."""
    return record(meaning, **{str(name): count() if shape is None else shape for name in names})


def _pair(meaning: Text, shape: Shape) -> Shape:
    """Return the shape of two values of one kind."""
    return items(meaning, shape, of=2)


def _reading() -> Shape:
    return text(N_("How much the pose of the camera is believed"), READINGS)


_BUILT: Final = _each(
    N_("Of the covered ones: covered now, and only once planned cameras are built"),
    ("covered_now", "covered_once_built"),
)
_FOUND: Final = {
    "count": count(N_("Number of findings")),
    "by_outcome": _counts(N_("Number by outcome"), _choices(FINDINGS, "outcome")),
    "by_severity": _counts(N_("Number by severity"), _choices(FINDINGS, "severity")),
}
_SURE: Final = _each(None, ("sure", "only_if_assumed"))
_WHERE: Final = {
    "planned": about(_SURE, N_("Of planned cameras: sure, and only if assumptions hold")),
    "existing": about(_SURE, N_("Of cameras that stand: sure, and only if assumptions hold")),
}

_CHECKED: Final[Mapping[str, Shape]] = {
    "city": text(N_("Name of the city")),
    "synthetic": flag(N_("Whether the city is made up")),
    "night": flag(N_("Whether views end at the reach of each camera's own light")),
    "sources": items(N_("Where the data come from, with their licences"), text()),
    "rules": text(N_("Rule packs with their versions")),
    "rules_sha256": by(N_("SHA-256 of each rule pack"), HASH),
    "weakened": may_lack(items(N_("Numbers of rule packs that were made weaker"), text())),
    "cameras": record(
        N_("Cameras of the inventory"),
        read=count(N_("Cameras that were read")),
        in_use=count(N_("Cameras that count")),
        by_status=_counts(N_("Number by status"), _choices(CAMERAS, "status")),
        by_kind=_counts(N_("Number by build")),
        moved=count(N_("Cameras whose place was moved out of a building")),
        moved_m_most=maybe(number(N_("Farthest that one was moved"), "m")),
        on_wall=count(N_("Cameras on a wall")),
        indoor=count(N_("Cameras inside a building")),
        off_terrain=count(N_("Cameras outside of the terrain")),
        off_map=count(N_("Cameras outside of the map")),
        out_of_use=count(N_("Cameras that do not count")),
        use_unrecorded=count(N_("Cameras of which it is not recorded whether they work")),
        unknown_direction=count(N_("Cameras whose direction is not recorded")),
        unknown_height=count(N_("Cameras whose height is not recorded")),
        complete_record=count(N_("Cameras whose record gives their view without an assumption")),
        assumed_pose=count(N_("Cameras of whose view something is assumed")),
        no_pose_to_assume=count(N_("Cameras of which only all that they could see is known")),
        reasons=_counts(N_("Number by how the place of the camera was settled")),
        barred=count(N_("Cameras in private places, which are credited with nothing")),
    ),
    "buildings": record(
        N_("Buildings"),
        count=count(N_("Number of buildings")),
        height_assumed=count(N_("Buildings whose height is assumed")),
        height_assumed_share=share(N_("Their share of all buildings")),
    ),
    "zones": record(
        N_("Places that the law lists"),
        count=count(N_("Number of places")),
        by_standing=_counts(
            N_("Number by whether the class is settled"), _choices(ZONES, "standing")
        ),
        by_item=by(
            N_("The same by item of the law"), by(None, count(), _choices(ZONES, "standing"))
        ),
        left_out=count(N_("Places that an open word of the law leaves out")),
    ),
    "parts": record(
        N_("Gates and key parts of these places"),
        count=count(N_("Number of parts")),
        judged=count(N_("Parts that were judged")),
        without_samples=count(N_("Parts without a point that could be judged")),
        inferred=count(N_("Parts that were inferred and nobody confirmed")),
        by_status=_each(N_("Number by status"), STATUSES),
        gates=_each(N_("Gates by status"), STATUSES),
        by_item=by(N_("Number by item of the law and status"), _each(None, STATUSES)),
        by_kind=by(
            N_("Number by kind of part and status"), _each(None, STATUSES), _choices(PARTS, "kind")
        ),
        presets_only=count(N_("Parts that only turning cameras cover, at one of their stops")),
        covered_now=count(N_("Covered parts, by cameras that stand")),
        covered_once_built=count(N_("Covered parts, only once planned cameras are built")),
        built_gates=about(_BUILT, N_("Covered gates, now and once planned cameras are built")),
        built_by_item=by(N_("Covered parts by item of the law"), _BUILT),
        built_by_kind=by(N_("Covered parts by kind"), _BUILT, _choices(PARTS, "kind")),
    ),
    "samples": _each(
        N_("Points that stand for the parts, and how many enough cameras meet in each reading"),
        ("count", *(f"met_{reading}" for reading in READINGS)),
    ),
    "findings": record(
        N_("What was found"),
        gaps=record(
            N_("Parts that are not covered for sure"),
            **_FOUND,
            could_turn_a_camera=count(N_("Gaps that an existing camera could close, once turned")),
            could_upgrade_a_camera=count(
                N_("Gaps that an existing camera could close, once replaced")
            ),
        ),
        duplicates=record(
            N_("Cameras that only repeat what others already see"),
            **_FOUND,
            by_kind=_counts(N_("Number by kind"), _choices(FINDINGS, "kind")),
            duplicate=record(N_("Cameras that repeat others"), **_WHERE),
            twin=record(N_("Cameras that repeat each other"), **_WHERE),
            near=record(N_("Cameras that stand beside each other"), **_WHERE),
        ),
        overlaps=record(N_("Cameras whose views overlap"), **_FOUND),
        violations=count(N_("Findings that are violations")),
    ),
    "redundant": _each(
        N_("Cameras that meet demand, and those without a share of their own, by reading"),
        READINGS,
        _each(None, ("serve_demand", "no_share_of_their_own")),
    ),
    "notes": items(N_("Notes on how the lists were read"), shared("Note")),
}
_PARTITION: Final = record(
    N_("Everything there is by its state: the states sum to the count"),
    places=record(
        N_("Places"),
        **{name: count() for name in ("count", *STATES)},
        reasons=_counts(N_("Why places were not judged")),
    ),
    parts=record(
        N_("Gates and key parts"),
        **{name: count() for name in ("count", *STATES)},
        reasons=_counts(N_("Why parts were not judged")),
    ),
    cameras=record(
        N_("Cameras"),
        **{name: count() for name in ("count", "judged", NOT_JUDGED)},
        reasons=_counts(N_("Why cameras were not judged")),
    ),
    rows=_each(N_("Rows of the lists that were read"), ROWS),
)

SHARED: Final[Mapping[str, Shape]] = {
    "Fault": record(
        N_("Something in a file that cannot be used, in English"),
        code=text(N_("Stable code, listed in the reference")),
        file=text(N_("Name of the file")),
        where=text(N_("Row, feature, line or element; empty for the whole file")),
        field=text(N_("Column, attribute or option; empty if the fault is not in one")),
        found=text(N_("What was found")),
        expected=text(N_("What was expected")),
        remedy=text(N_("How to fix it")),
    ),
    "Faults": record(
        N_("Printed with exit code 2, where an input cannot be used"),
        faults=items(N_("Everything that is wrong"), shared("Fault")),
    ),
    "Error": record(
        N_("Printed with exit code 2 or 3, where anything else stopped the command"),
        error=text(N_("Kind of the error")),
        message=text(N_("What happened, in one sentence in English")),
    ),
    "Note": record(
        N_("Something to know about how a list was read"),
        kind=text(N_("Stable code of its kind"), NOTE_KINDS),
        weight=text(N_("How much it weighs"), get_args(Weight)),
        count=count(N_("How many rows, columns or cells it is about")),
        layer=text(N_("Table that it is about")),
        source=text(N_("Name of the file")),
        title=text(N_("Heading, in English")),
        example=about(LABEL, N_("What was found, in each language")),
        remedy=text(N_("How to fix it, in English; empty if nothing is to be done")),
        rows=items(N_("Some of the rows"), text()),
    ),
    "Import": record(
        N_("What happened to a source"),
        source=text(N_("Name of the file")),
        layer=text(N_("Table that was read")),
        read=count(N_("Rows that were read")),
        kept=count(N_("Rows that were kept")),
        counts=by(N_("Further counts by code"), count()),
        repaired=items(N_("What was repaired, a line each, in English"), text()),
        rejected=items(N_("What was rejected, a line each, in English"), text()),
        incomplete=items(N_("What is incomplete, a line each, in English"), text()),
        notes=items(N_("Notes on how the source was read"), shared("Note")),
        encoding=text(N_("Text encoding; empty where there is none")),
        crs_found=text(N_("Coordinate system that was found; empty where there is none")),
        parts=items(N_("The same for each table of the source"), shared("Import")),
    ),
    "Check": record(N_("What a check found"), **_CHECKED, partition=_PARTITION, files=FILES),
    "Spending": items(
        N_("What the plan may spend and spends, a row for each sum that limits it"),
        record(
            year=count(N_("Year; 0 for all years")),
            district=text(N_("District; empty for all districts")),
            budget_of=text(N_("Which sum is limited"), BudgetOf),
            budget_yuan=number(N_("What may be spent"), "yuan"),
            spent_yuan=number(N_("What is spent"), "yuan"),
            is_kept=flag(N_("Whether the limit is kept")),
        ),
    ),
    "Kept": maybe(
        record(
            N_("The version that was kept; null where no project file was named"),
            version={"type": "integer", "minimum": 1, "description": N_("Its number")},
            root=about(HASH, N_("Its root")),
        )
    ),
    "State": record(
        N_("The state of a plan"),
        plan=text(N_("Id of the plan")),
        state=text(N_("Its state"), State),
        version=count(N_("Number of its latest version; 0 before the first")),
        root=about(ROOT_OR_NONE, N_("Root of that version; empty before the first")),
    ),
    "Clock": items(
        N_("Entries of the audit that say an earlier time than one before them"),
        record(
            seq=count(N_("Number of the entry")),
            before=text(N_("Latest time that was said before, ISO 8601")),
            at=text(N_("Its own time, ISO 8601")),
        ),
    ),
    "Proof": record(
        N_("By what it is known that nobody changed the package"),
        by=text(N_("Root, signature or nothing"), (ROOT, KEY, UNPROVEN)),
        signer=text(N_("Name under which the key is trusted here; empty for the own key")),
        key=text(N_("Fingerprint of the key; empty without a signature")),
    ),
    "Override": record(
        N_("A number that a pack of yours sets to another value"),
        pack=text(N_("Pack that states it")),
        what=text(N_("Parameter or profile")),
        field=text(N_("Which number of it")),
        before={"type": ["number", "string", "null"], "description": N_("Value of the pack")},
        after={"type": ["number", "string", "null"], "description": N_("Value of yours")},
        unit=text(N_("Unit of both")),
        direction=text(N_("What it does to the demands"), get_args(Change)),
        basis=text(N_("What the value of the pack stands on")),
        by=text(N_("Your pack")),
    ),
}
"""Shapes that several commands print, or one of them several times."""

_FILES: Final = record(files=FILES)
_ACCOUNT: Final[Mapping[str, Shape]] = {
    "name": text(N_("Name of the person")),
    "role": text(N_("Role"), Role),
    "district": text(N_("District of a district planner; empty for others")),
}
_TOKEN: Final[Mapping[str, Shape]] = {
    **_ACCOUNT,
    "project": text(N_("Project file that it opens")),
    "plan": maybe(text(N_("Plan that it shows; null for what is approved"))),
    "until": day(N_("Last day on which it is valid")),
    "over": flag(N_("Whether that day is over")),
}
_KEY: Final[Mapping[str, Shape]] = {
    "name": text(N_("Name under which it is trusted")),
    "fingerprint": text(N_("Fingerprint of the key")),
}
_STATED: Final[Mapping[str, Shape]] = {
    "goal": text(N_("What the plan makes as small or as large as it can be"), Goal),
    "status": text(
        N_("How good the plan is, in one word"),
        ("missed", "optimal", "reported_optimal", *(each for each in Status)),
    ),
    "value": number(N_("What was reached, of the goal")),
    "bound": maybe(number(N_("What no plan can beat, recountable; null while unknown"))),
    "gap": maybe(number(N_("Share by which a plan could be better at most; null while unknown"))),
    "gap_absolute": maybe(number(N_("The same as a difference; null while unknown"))),
    "solver_bound": maybe(number(N_("What no plan can beat by the word of the solver"))),
    "solver_gap": maybe(number(N_("Share by which a plan could be better by that word"))),
    "steps": count(N_("Steps of the search")),
    "processor_seconds": maybe(number(N_("Processor time of the search"), "s")),
    "unmet": items(
        N_("What was asked for and is not kept"),
        record(
            kind=text(N_("What was asked for"), Kind),
            of=text(N_("District or camera; empty for all districts")),
            year=count(N_("Year; 0 for all years")),
            asked=number(N_("A share, a sum in yuan or a year")),
            reached=maybe(number(N_("What the plan reaches of it; null if nothing"))),
        ),
    ),
}
_OPEN: Final = record(
    N_("What the plan leaves open"),
    parts=count(N_("Gates and key parts")),
    places=count(N_("Places")),
)
_NOT_JUDGED: Final = record(
    N_("What is not judged, as the approval records it"),
    parts=count(N_("Gates and key parts")),
    places=count(N_("Places")),
)
_INDICES: Final[Mapping[str, Shape]] = {
    **{
        f"{name}_{reading}": maybe(share(meaning))
        for name, meaning in (
            ("compliance", N_("Share of the parts that are met; null where there are none")),
            ("conformance", N_("Share of what is seen that is seen as finely as asked for")),
        )
        for reading in READINGS
    },
    "reuse": maybe(share(N_("Share of what is met that existing cameras meet"))),
    "shared_ready": maybe(share(N_("Share of what is met by cameras that are or can be shared"))),
    "privacy_violations": maybe(count(N_("Cameras inside private places"))),
    "privacy_warnings": maybe(count(N_("Cameras that look into private façades"))),
    "privacy_open": maybe(count(N_("Cameras of which nobody can say whether they do"))),
    "exposed_before_m2": number(N_("Private façade in view without masks"), "m2"),
    "exposed_after_m2": number(N_("Private façade in view with masks"), "m2"),
    "parts": maybe(count(N_("All parts"))),
    "judged": maybe(count(N_("Parts that were judged"))),
}
_REPORTED: Final[Mapping[str, Shape]] = {
    "today": day(N_("Day on which deadlines are judged")),
    "rules": text(N_("Rule packs with their versions")),
    "rules_sha256": by(N_("SHA-256 of each rule pack"), HASH),
    "digest": about(HASH, N_("Digest of the inputs, the packs and the tables of the report")),
}
_PERMIT_ROW: Final[Mapping[str, Shape]] = {
    "reading": _reading(),
    "holds": text(N_("How certain the loss is"), READINGS),
}
_DENSITIES: Final[Mapping[str, Shape]] = {
    "px_m_before": maybe(number(N_("Pixel density today"), "px/m")),
    "px_m_after": maybe(number(N_("Pixel density with the facility"), "px/m")),
    "class_before": text(N_("Level of detail today; empty below the lowest")),
    "class_after": text(N_("Level of detail with the facility; empty below the lowest")),
}
_SEASON: Final = text(N_("Season of the leaves"), SEASONS)
_PERMIT: Final = record(
    proposal_id=text(N_("Number of the facility")),
    kind=text(N_("Kind of facility")),
    harms=text(N_("How certain it is that coverage is lost; empty if none is"), ("", *READINGS)),
    verdict=text(N_("Whether it may stand"), ("free", "conditioned", "refused", NOT_JUDGED)),
    view_lost=maybe(share(N_("Largest share of the view of a camera that is lost"))),
    view_tolerated=share(N_("Share of its view that a camera may lose")),
    cameras=items(N_("Cameras that lose something"), text()),
    losses=items(
        N_("What each camera loses of each part"),
        record(
            **_PERMIT_ROW,
            camera_id=text(N_("Number of the camera")),
            part_id=text(N_("Number of the part")),
            samples_met=count(N_("Points that it met")),
            samples_lost=count(N_("Points that it no longer meets")),
            weight_met=number(N_("Metres of gate or square metres of area that it met")),
            weight_lost=number(N_("The same that it no longer meets")),
            share_lost=share(N_("Share of what it met that is lost")),
            **_DENSITIES,
        ),
    ),
    parts=items(
        N_("Parts of which a camera loses something, met by all cameras together"),
        record(
            **_PERMIT_ROW,
            part_id=text(N_("Number of the part")),
            zone_id=text(N_("Number of the place")),
            kind=text(N_("Kind of part"), _choices(PARTS, "kind")),
            required=share(N_("Share that must be met")),
            share_before=share(N_("Share that is met today")),
            share_after=share(N_("Share that is met with the facility")),
            met_before=flag(N_("Whether it is met today")),
            met_after=flag(N_("Whether it is met with the facility")),
            falls=flag(N_("Whether it is met today and no longer then")),
            **_DENSITIES,
        ),
    ),
    share_lost=maybe(
        _each(N_("Share of all that is met that is lost, by reading"), READINGS, maybe(share()))
    ),
    limits=items(
        N_("How it would hinder nobody, by reading"),
        record(
            reading=_reading(),
            greatest_height_m=maybe(number(N_("Greatest height; null without a limit"), "m")),
            offset_m=maybe(number(N_("Smallest move; null if there is none near"), "m")),
            offset_deg=maybe(number(N_("Direction of that move from grid north"), "deg")),
            first_year=maybe(count(N_("First year in which a tree hinders; null if none"))),
            season=maybe(_SEASON),
        ),
    ),
    growth=items(
        N_("What a tree takes as it grows"),
        record(
            year=count(N_("Years after planting")),
            season=_SEASON,
            **_PERMIT_ROW,
            height_m=number(N_("Height of the tree"), "m"),
            crown_m=number(N_("Width of its crown"), "m"),
            cameras=count(N_("Cameras that lose something")),
            weight_lost=number(N_("Metres of gate or square metres of area that are lost")),
            share_lost=maybe(share(N_("Share of what these cameras met that is lost"))),
        ),
    ),
    lost_m2=by(N_("Ground that each camera no longer sees"), number(unit="m2")),
)
_SUMS: Final[Mapping[str, Shape]] = {
    "points": count(N_("Number of points")),
    "cost_yuan": count(N_("What they cost"), "yuan"),
    "hundreds": count(N_("The same as printed"), "100 yuan"),
}
_SOURCE: Final = text(N_("Source of money; empty if nobody pays"), ("", *SOURCES))
_YEAR: Final = count(N_("Year"))
_DISTRICT: Final = text(N_("District; empty outside of all districts"))
_VALUE: Final[Shape] = {"type": ["string", "number", "boolean", "null"]}
_CURVE: Final[Mapping[str, Shape]] = {
    "budget_yuan": number(N_("Money"), "yuan"),
    "cost_yuan": number(N_("What the plan for it costs"), "yuan"),
    "places": number(N_("Places made compliant")),
    "most_places": number(N_("Places that no plan for this money beats")),
    "parts": number(N_("Gates and key parts that are met")),
    "most_parts": number(N_("Gates and key parts that no plan for this money beats")),
    "metres": number(N_("Metres of gate and square metres of area that are met")),
    "most_metres": number(N_("The same that no plan for this money beats")),
}
_BUDGET_OF: Final = text(N_("Which sum the money is"), BudgetOf)
_REGION: Final[Mapping[str, Shape]] = {
    "parts_of_region": by(
        N_("Each part that was judged"),
        record(
            title=text(N_("Name of the part")),
            cameras=count(N_("Number of cameras")),
            places=count(N_("Number of places")),
            judged=count(N_("Gates and key parts that were judged")),
            covered=count(N_("Those that are covered for sure")),
            assumed=count(N_("Those that are covered only if assumptions hold")),
            gap=count(N_("Those that are not covered")),
            gap_share=share(N_("Their share of those that were judged")),
            missing=count(N_("Gates and key parts that could not be judged")),
            samples=count(N_("Points that stand for the parts")),
            **{
                f"{name}_{reading}": count(meaning)
                for name, meaning in (
                    ("met", N_("Points that enough cameras meet")),
                    ("serve", N_("Cameras that meet demand")),
                    ("spare", N_("Cameras among them without a share of their own")),
                )
                for reading in READINGS
            },
            barred=items(N_("Cameras in private places, which are credited with nothing"), text()),
            count=count(N_("Number of buildings")),
            height_assumed=count(N_("Buildings whose height is assumed")),
            computed=flag(N_("Whether it was computed this time")),
            beside=items(N_("Parts beside it that it was judged with"), text()),
        ),
    ),
    "refused": by(N_("Parts that cannot be used, with the reason"), text()),
    "hangs_on_refused": by(
        N_("Parts that were not judged, with those of which one cannot be used"),
        items(None, text()),
    ),
    "files": FILES,
}
_REGION_CHECK: Final = {
    "anyOf": [
        record(**_CHECKED, partition=_PARTITION, **_REGION),
        record(N_("Where no part could be judged"), **_REGION),
    ]
}
_PACK: Final = record(
    id=text(N_("Id of the pack")),
    version=text(N_("Its version")),
    sha256=about(HASH, N_("SHA-256 of the pack")),
    title=about(LABEL, N_("Title, in each language")),
    rank={"type": "integer", "description": N_("Rank of the law among others")},
    status=text(N_("Whether the law is in force")),
    in_force=maybe(text(N_("Day from which it holds; null if it is not known"))),
    overrides=items(N_("Numbers that a pack of yours sets otherwise"), shared("Override")),
    articles=items(
        N_("Its articles"),
        record(
            n=text(N_("Number of the article")),
            kind=text(N_("Kind of article")),
            gist=about(LABEL, N_("What it is about, in each language")),
            rules=items(N_("Its rules"), text()),
            no_rule=maybe(about(LABEL, N_("Why it has no rule; null if it has one"))),
        ),
    ),
    rules=items(
        N_("Its rules"),
        record(
            id=text(N_("Id of the rule")),
            article=text(N_("Article")),
            title=about(LABEL, N_("Title, in each language")),
            subject=items(N_("What it is about"), text()),
            where=items(N_("Conditions under which it applies, in English"), text()),
            check=items(N_("What it checks, a line each, in English"), text()),
            predicates=items(N_("Predicates that it asks"), text()),
            params=items(
                N_("Parameters that it stands on"),
                record(
                    name=text(N_("Name of the parameter")),
                    value={"type": ["number", "string"], "description": N_("Its value")},
                    unit=text(N_("Its unit")),
                    basis=text(N_("What the value stands on")),
                    source=text(N_("Where the value is from")),
                    stricter=text(
                        N_("Which value asks for more; empty if neither"), ("", "higher", "lower")
                    ),
                ),
            ),
            needs=items(N_("Columns that it needs"), text()),
            on_fail=text(N_("How serious it is if it fails"), get_args(Severity)),
            on_unknown=maybe(text(N_("How serious it is if unknown"), get_args(Severity))),
            evidence=items(N_("Evidence that it gives"), text()),
            human=about(LABEL, N_("What a person decides, in each language")),
        ),
    ),
)

OUTPUTS: Final[Mapping[str, Shape]] = {
    "demo": by(N_("By city"), shared("Check")),
    "fetch": shared("Import"),
    "check": shared("Check"),
    "coverage": record(
        areas=items(
            N_("Area that is seen at each level of detail"),
            record(
                level=text(N_("Level of detail")),
                px_per_m=number(N_("Least pixel density of the level"), "px/m"),
                area_m2=number(N_("Area that is seen at this level or finer"), "m2"),
            ),
        ),
        files=FILES,
    ),
    "export": shared("Check"),
    "import": shared("Import"),
    "template": _FILES,
    "quality": _FILES,
    "catalogue": record(
        cameras=count(N_("Cameras that were written")),
        left_out=items(N_("What was left out"), shared("Fault")),
        to_fill=items(N_("What is still to be filled in"), shared("Fault")),
        files=FILES,
    ),
    "obstruct": record(
        permits=items(N_("Each facility"), _PERMIT),
        law=items(
            N_("Rule packs that judged it"),
            record(
                pack=text(N_("Id of the pack")),
                version=text(N_("Its version")),
                released=text(N_("Day of its release")),
                in_force=maybe(text(N_("Day from which the law holds; null if it is not known"))),
                status=text(N_("Whether the law is in force")),
            ),
        ),
        files=FILES,
    ),
    "specify": record(cameras=count(N_("Cameras that were specified")), stale=STALE, files=FILES),
    "accept": record(
        outcome=text(N_("Whether all is accepted"), OUTCOMES),
        cameras=by(N_("The same by camera"), text(None, OUTCOMES)),
        lost=items(N_("Parts that were promised and are not covered as built"), text()),
        gained=items(N_("Parts that are covered as built beyond what was promised"), text()),
        root=may_lack(about(HASH, N_("Root of the plan that was built"))),
        stale=may_lack(STALE),
        files=FILES,
    ),
    "inventory reconcile": record(
        register=count(N_("Cameras of the register")),
        list=count(N_("Rows of the list")),
        states=_each(N_("Cameras by state"), LISTED),
        differences=_each(
            N_("Differences by kind"),
            KINDS_OF_DIFFERENCE,
            record(
                differences=count(N_("Number of differences")),
                cameras=count(N_("Cameras that differ")),
                taken=count(N_("Differences that are taken over")),
                kept=count(N_("Differences that stay as in the register")),
                open=count(N_("Differences that are still open")),
            ),
        ),
        columns=_counts(N_("Differing values by column")),
        notes=items(N_("Notes on how the list was read"), shared("Note")),
        files=FILES,
    ),
    "survey out": record(stops=_each(N_("Stops by kind"), STOPS), files=FILES),
    "survey in": record(
        values=_counts(N_("Values that were found, by column")),
        unbuildable=by(N_("Planned points that cannot be built, with the reason"), text()),
        silent=items(N_("Stops of which nothing came back"), text()),
    ),
    "prepare": record(kernels=count(N_("Kernels that are compiled"))),
    "migrate": record(
        format=text(N_("Format of the file"), FORMATS),
        found=count(N_("Number of the format that was found")),
        now=count(N_("Number of the format that is written today")),
        civicsight=text(N_("Version of civicsight")),
        steps=items(N_("What each step does"), text()),
        backup=maybe(text(N_("Name of the backup; null if none was made"))),
        done=flag(N_("Whether the file was changed")),
    ),
    "gates ask": record(gates=count(N_("Gates that nobody has confirmed")), files=FILES),
    "gates answer": record(
        settled=count(N_("Gates that the list settles")),
        settled_before=count(N_("Gates of the list that were settled before")),
        open=count(N_("Gates that stay open")),
        rejected=items(N_("Rows that could not be used"), shared("Fault")),
    ),
    "gates register": record(gates=count(N_("Gates that somebody confirmed")), files=FILES),
    "privacy": record(
        cameras=count(N_("Cameras that could look into private places")),
        before_m2=number(N_("Private façade in view without masks"), "m2"),
        after_m2=number(N_("Private façade in view with masks"), "m2"),
        files=FILES,
    ),
    "report": {
        "anyOf": [
            record(
                N_("Edition for reviewers"),
                edition=text(N_("Edition"), ("reviewer",)),
                **_REPORTED,
                inputs=about(HASH, N_("Digest of the inputs")),
                private_view_m2=number(N_("Private façade that a camera may see"), "m2"),
                indices=record(N_("Indices"), **_INDICES),
                at_defaults=maybe(
                    record(N_("The same with the packs as they are delivered"), **_INDICES)
                ),
                verdicts=by(
                    N_("Number of judgements by outcome and severity"),
                    by(None, count(), get_args(Severity)),
                    OUTCOMES,
                ),
                files=FILES,
            ),
            record(
                N_("Edition for the public: no index that rests on fewer than five"),
                edition=text(N_("Edition"), ("public",)),
                **_REPORTED,
                indices=record(N_("Indices"), **_INDICES),
                files=FILES,
            ),
        ]
    },
    "rules lint": record(
        faults=items(N_("Faults of the packs"), shared("Fault")),
        packs=items(
            N_("Packs without a fault"),
            record(
                id=text(N_("Id of the pack")),
                versions=text(N_("Packs with their versions")),
                sha256=by(N_("SHA-256 of each pack"), HASH),
                overrides=items(
                    N_("Numbers that a pack of yours sets otherwise"), shared("Override")
                ),
            ),
        ),
    ),
    "rules show": items(N_("Each pack"), _PACK),
    "rules diff": record(
        before=text(N_("First pack with its version")),
        after=text(N_("Second pack with its version")),
        weakened=count(N_("Demands that became weaker")),
        differences=items(
            N_("Each difference"),
            record(
                section=text(N_("Section of the pack")),
                name=text(N_("What differs")),
                field=text(N_("Which field of it; empty where an entry is there once only")),
                kind=text(N_("Kind of difference"), ("added", "removed", "changed")),
                before={"description": N_("Value in the first pack; null where there is none")},
                after={"description": N_("Value in the second pack; null where there is none")},
                direction=text(N_("What it does to the demands"), get_args(Change)),
                pack=text(N_("Id of the first pack")),
            ),
        ),
    ),
    "plan candidates": record(
        measures=_counts(N_("Candidates by measure"), MEASURE_KINDS),
        forbidden=_counts(N_("Candidates that the law excludes, by reason"), REASONS),
        unreachable=_counts(
            N_("Parts that no permitted camera covers completely, by reason"), WHY_UNREACHABLE
        ),
        barred=items(
            N_("Cameras that are credited with nothing, since they break the law"), text()
        ),
        files=FILES,
    ),
    "plan optimise": record(
        cost_yuan=number(N_("Works"), "yuan"),
        works_yuan=number(N_("Works"), "yuan"),
        investment_yuan=maybe(number(N_("Works with all that is added to them"), "yuan")),
        spending=shared("Spending"),
        yearly_yuan=maybe(number(N_("Yearly cost"), "yuan")),
        present_yuan=maybe(number(N_("Net present cost; null without a number of years"), "yuan")),
        measures=_counts(N_("Cameras by measure"), ACTIONS),
        share_sure=_each(
            N_("Share of the demand that is met for sure"), BEFORE_AFTER, maybe(share())
        ),
        parts_covered=_each(
            N_("Gates and key parts that are compliant"), BEFORE_AFTER, maybe(number())
        ),
        parts=maybe(number(N_("All gates and key parts"))),
        open=_OPEN,
        checked_on=text(N_("Day of the check that the plan was made from; empty if unknown")),
        figures=by(
            N_("Every figure that is shown of the plan, by key; null where it is unknown"),
            maybe(number()),
        ),
        **_STATED,
        statement=LINES,
        aims=by(
            N_("Of each aim what was reached, and what no plan can beat"),
            _pair(N_("Reached and bound"), maybe(number())),
            Aim,
        ),
        unbuilt=by(
            N_("Cameras that no year has the money for, with the reason"), text(None, Reason)
        ),
        barred=items(
            N_("Cameras that are credited with nothing, since they break the law"), text()
        ),
        not_weighed=items(N_("Planned cameras that the plan neither takes up nor drops"), text()),
        kept=shared("Kept"),
        files=FILES,
    ),
    "plan options": record(
        options=by(
            N_("Each option"),
            record(
                cost_yuan=number(N_("Works"), "yuan"),
                works_yuan=number(N_("Works"), "yuan"),
                investment_yuan=number(N_("Works with all that is added to them"), "yuan"),
                figures=by(N_("Figures of the sheet by name, in English"), text()),
                kept=shared("Kept"),
                folder=text(N_("Folder of its documents")),
            ),
            OPTIONS,
        ),
        same=items(N_("Options that are the same plan"), items(None, text(None, OPTIONS))),
        files=FILES,
    ),
    "plan frontier": record(
        budget_of=_BUDGET_OF,
        curve=items(N_("What each level of money buys"), record(**_CURVE, budget_of=_BUDGET_OF)),
        plans=items(
            N_("Plans of which none beats another, by rising cost"),
            record(
                number=count(N_("Number of the plan")),
                cost_yuan=number(N_("What it costs"), "yuan"),
                places=number(N_("Places made compliant")),
                most_places=maybe(number(N_("Places that no plan of its cost beats"))),
                parts=number(N_("Gates and key parts that are met")),
                metres=number(N_("Metres of gate and square metres of area that are met")),
                exposure_m2=number(N_("Private façade in view"), "m2"),
                lost_m=number(N_("What is lost at most if one camera fails"), "m"),
                worst=text(N_("Candidate whose failure loses that; empty if none does")),
            ),
        ),
        complete=flag(N_("Whether it is proven that no plan is missing")),
        survival=maybe(
            record(
                N_("What surviving the failure of any one camera costs"),
                cost_yuan=maybe(number(N_("Cheapest plan that meets all"), "yuan")),
                bound_yuan=maybe(number(N_("What no such plan beats"), "yuan")),
                spare_yuan=maybe(number(N_("Cheapest plan that survives a failure"), "yuan")),
                spare_bound_yuan=maybe(number(N_("What no such plan beats"), "yuan")),
                lone_m=number(N_("Metres that no second permitted camera can see"), "m"),
                price_yuan=maybe(number(N_("What surviving costs more"), "yuan")),
                least_yuan=maybe(number(N_("What surviving costs at least"), "yuan")),
            )
        ),
        files=FILES,
    ),
    "plan new": shared("State"),
    "plan submit": shared("State"),
    "plan opinion": shared("State"),
    "plan consult": record(
        departments=items(
            N_("Each department that is asked"),
            record(
                department=text(N_("Its name")),
                named=flag(N_("Whether the plan waits for it")),
                points=count(N_("Points that concern it")),
                listed=flag(N_("Whether a rule pack lists it")),
            ),
        ),
        stale=STALE,
        unplaced=count(N_("Points whose places this city does not have")),
        files=FILES,
    ),
    "plan replies": record(
        answers=items(
            N_("Each workbook"),
            record(
                department=text(N_("Department")),
                reply=text(N_("Answer to the plan as a whole"), REPLIES),
                agreed=count(N_("Points that it agrees to")),
                opinions=count(N_("Opinions that it has")),
                unanswered=count(N_("Points without an answer")),
            ),
        ),
        kept=items(
            N_("Of each workbook the numbers of its entries: the opinion, then remarks"),
            items(None, count()),
        ),
    ),
    "plan settle": record(
        settled=count(N_("Number of the opinion")),
        entry=count(N_("Number of the entry that settles it")),
        open=count(N_("Opinions that are not settled")),
    ),
    "plan adoption": record(
        departments=items(
            N_("Each department"),
            record(
                department=text(N_("Its name")),
                is_named=flag(N_("Whether the plan waits for it")),
                has_answered=flag(N_("Whether it answered on the latest version")),
                voiced=items(
                    N_("What it wants changed"),
                    record(
                        number=count(N_("Number of the opinion")),
                        subject=SUBJECT,
                        reply=text(N_("What was answered; empty if not said"), ("", *REPLIES)),
                        text=text(N_("What was said")),
                        adopted=text(
                            N_("How it was settled; empty while it is open"), ("", *ADOPTIONS)
                        ),
                        reason=text(N_("Why it was settled so")),
                        settled_by=text(N_("By whom")),
                        settled_at=text(N_("When, ISO 8601")),
                    ),
                ),
                reply=text(N_("Its last answer; empty if not said"), ("", *REPLIES)),
                text=text(N_("What it said")),
                answered_by=text(N_("Who answered")),
                dated_on=text(N_("On which day, ISO 8601; empty without an answer")),
            ),
        ),
        files=FILES,
    ),
    "plan edition": record(
        stale=STALE,
        secrecy_unsaid=count(N_("Cameras of which nobody has said whether they are secret")),
        files=FILES,
    ),
    "plan handover": record(root=about(HASH, N_("Root of the package")), files=FILES),
    "plan takeover": {
        "anyOf": [
            record(
                N_("Where the project is begun with the package"),
                plan=text(N_("Id of the plan")),
                version=count(N_("Number of its version")),
                root=about(HASH, N_("Root of the package")),
                begun=flag(N_("Whether the project was written")),
                proof=shared("Proof"),
            ),
            record(
                N_("Where a package comes back"),
                plan=text(N_("Id of the plan")),
                version=count(N_("Number of its version")),
                root=about(HASH, N_("Root of the package")),
                proof=shared("Proof"),
                base=count(N_("Number of the version from which both parted")),
                subjects=items(
                    N_("What either side changed"),
                    record(
                        id=text(N_("Id of what was changed")),
                        state=text(N_("Who changed it"), CHANGED_BY),
                        decision=text(N_("Which side holds; empty while open"), ("", *SIDES)),
                        by=may_lack(text(N_("Who made the remark"))),
                        at=may_lack(text(N_("When, ISO 8601"))),
                        subject=may_lack(SUBJECT),
                        text=may_lack(text(N_("What was said"))),
                        to=may_lack(
                            maybe(count(N_("Position of the remark that it answers; null if new")))
                        ),
                        settled=may_lack(
                            maybe(
                                flag(N_("Whether the thread is settled with it; null: as it was"))
                            )
                        ),
                    ),
                ),
                remarks=count(N_("Remarks among them")),
            ),
        ]
    },
    "plan remark": record(remark=count(N_("Number of the remark"))),
    "plan remarks": items(
        N_("Each thread"),
        record(
            subject=SUBJECT,
            said=items(
                N_("What was said, oldest first"),
                record(
                    seq=count(N_("Number of the remark")),
                    name=text(N_("Who said it")),
                    at=text(N_("When, ISO 8601")),
                    text=text(N_("What was said")),
                    digest=text(N_("Root of the version that it was said of")),
                    files=items(
                        N_("Attached files"),
                        record(
                            name=text(N_("Name of the file")),
                            sha256=about(HASH, N_("Its SHA-256")),
                            size=count(N_("Its size"), "B"),
                        ),
                    ),
                    settled=maybe(
                        flag(N_("Whether the thread is settled with it; null: as it was"))
                    ),
                    department=text(N_("Department for which it is said; empty of others")),
                    reply=text(N_("What the department answered"), ("", *REPLIES)),
                    adopted=text(N_("How the opinion is settled with it"), ("", *ADOPTIONS)),
                    brought_by=text(N_("Who took it over from another installation")),
                ),
            ),
            open=flag(N_("Whether it waits for somebody")),
        ),
    ),
    "plan file": _FILES,
    "plan return": shared("State"),
    "plan approve": shared("State"),
    "plan backup": _FILES,
    "plan copy": record(
        plans=count(N_("Plans that were copied")),
        versions=count(N_("Versions that were copied")),
        entries=count(N_("Entries of the audit that were copied")),
        head=about(HASH, N_("End of the audit")),
    ),
    "plan restore": record(
        kept=maybe(text(N_("Where the old file is kept; null if there was none"))), files=FILES
    ),
    "plan audit": record(
        head=about(ROOT_OR_NONE, N_("End of the audit")),
        entry=count(N_("Number of its last entry")),
        outside=items(
            N_("Ends of the audit that were kept outside and found in it"),
            record(
                entry=maybe(count(N_("Number of the entry; null if it was not known"))),
                digest=text(N_("Digest of the entry")),
            ),
        ),
        entries=items(
            N_("Who did what"),
            record(
                at=text(N_("When, ISO 8601")),
                actor=text(N_("Who")),
                action=text(N_("What"), (BEGIN, *Act)),
                plan=maybe(text(N_("Id of the plan; null of the file as a whole"))),
                refused=flag(N_("Whether it was refused")),
                hash=about(HASH, N_("Digest of the entry")),
                appointed=maybe(flag(N_("Whether the actor was appointed; null if not recorded"))),
                user=maybe(text(N_("User of the operating system; null if not recorded"))),
                signed_in=maybe(flag(N_("Whether the actor had signed in; null if not recorded"))),
                taken={
                    "type": ["object", "null"],
                    "description": N_("Package that was taken over; null of other acts"),
                },
                handover={
                    "type": ["object", "null"],
                    "description": N_("Package that was handed over; null of other acts"),
                },
                exported={
                    "type": ["object", "null"],
                    "description": N_("Copy that was exported; null of other acts"),
                },
            ),
        ),
        clock_set_back=shared("Clock"),
    ),
    "plan duplicates": record(
        verdicts=_counts(N_("Cameras by verdict"), Verdict),
        dropped=items(N_("Cameras that need not be built"), text()),
        avoidable_yuan=maybe(number(N_("What they would cost"), "yuan")),
        standing=_pair(
            N_("How many cameras that stand could go together: at least and at most"), count()
        ),
        relies_on=by(N_("Of each camera those that replace it"), items(None, text())),
        files=FILES,
    ),
    "plan ledger": record(N_("Columns of the ledger, a value a measure"), **columns_of(LEDGER)),
    "plan diff": record(
        measures=record(
            N_("Columns of what differs, a value a difference"),
            camera_id=items(N_("Number of the camera"), text()),
            what=items(N_("What differs"), text(None, (*CHANGES, *COMPARED))),
            before=items(N_("Before"), _VALUE),
            after=items(N_("After"), _VALUE),
        ),
        money=record(
            N_("Columns of the works by year and district"),
            year=items(_YEAR["description"], count()),
            district=items(_DISTRICT["description"], text()),
            before=items(N_("Before"), number(unit="yuan")),
            after=items(N_("After"), number(unit="yuan")),
            change=items(N_("Change"), number(unit="yuan")),
        ),
        parts=record(
            N_("Columns of the parts whose status differs"),
            part_id=items(N_("Number of the part"), text()),
            before=items(N_("Status before; empty where it is new"), text(None, ("", *STATUSES))),
            after=items(N_("Status after; empty where it is gone"), text(None, ("", *STATUSES))),
        ),
        figures=_each(
            N_("Figures before and after; null where one is unknown"),
            COMPARED_FIGURES,
            items(None, maybe(number()), of=2),
        ),
        inputs=items(N_("Names of the inputs that were not the same"), text()),
    ),
    "plan progress": record(
        states=_counts(N_("Cameras by state of their works"), STATES_OF_WORKS),
        overdue=items(N_("Systems that should have been filed"), text()),
        files=FILES,
    ),
    "plan fund": record(
        cost_yuan=count(N_("What the plan costs"), "yuan"),
        by_source=items(N_("Sums by source"), record(source=_SOURCE, **_SUMS)),
        by_year=items(N_("Sums by year"), record(year=_YEAR, **_SUMS)),
        by_district=items(N_("Sums by district"), record(district=_DISTRICT, **_SUMS)),
        projects=items(
            N_("Projects of the list"),
            record(
                project=text(N_("Number of the project, such as 2027-01")),
                year=_YEAR,
                district=_DISTRICT,
                source=text(
                    N_("Source of money, or several with their shares; empty if nobody pays")
                ),
                unit=text(N_("Who is responsible; empty if nobody is")),
                measure=text(N_("What is done"), MEASURE_KINDS),
                **_SUMS,
            ),
        ),
        idle=count(N_("Rules that fit no measure of the plan")),
        lease=maybe(
            record(
                N_("A lease beside building; null where there is nothing to compare"),
                points=count(N_("Cameras that are compared")),
                crossing=maybe(
                    count(N_("First year by whose end the lease has cost more; null: none"))
                ),
                crossing_present=maybe(count(N_("The same as of today; null: none"))),
            )
        ),
        kept=shared("Kept"),
        files=FILES,
    ),
    "plan export": record(stale=STALE, files=FILES),
    "plan years": record(
        years=items(
            N_("The end of each year"),
            record(
                year=_YEAR,
                works=count(N_("Works that are done")),
                buildings=count(N_("Buildings that stand")),
                come=count(N_("Buildings that come in it")),
                go=count(N_("Buildings that go in it")),
                **{name: count() for name in STATUSES},
                share=share(N_("Share of the demand that is met for sure")),
            ),
        ),
        turns=items(
            N_("Gates and key parts whose status is another than a year before"),
            record(
                year=_YEAR,
                part_id=text(N_("Number of the part")),
                before=maybe(text(N_("Status a year before; null where it is new"), STATUSES)),
                after=text(N_("Status in this year"), STATUSES),
                blockers=items(N_("What hides it then"), text()),
            ),
        ),
    ),
    "plan verify": record(
        wrong=items(N_("Codes of what is wrong; empty if all is right"), text()),
        files=record(
            N_("Files that differ from the list of the plan"),
            changed=items(N_("Changed"), text()),
            missing=items(N_("Missing"), text()),
            foreign=items(N_("Not of this plan"), text()),
        ),
        absent=items(N_("Documents that are not there and can be rendered anew"), text()),
        unproven=by(N_("Files that were compared with nothing, with the reason"), text()),
        root=about(HASH, N_("Root of what is there")),
        proved_by=text(N_("What the plan was compared with"), BASES),
        **_STATED,
        statement=LINES,
        open=_OPEN,
        spending=shared("Spending"),
        clock_set_back=may_lack(shared("Clock")),
        approved_not_judged=may_lack(_NOT_JUDGED),
        stale=may_lack(STALE),
        rows=may_lack(count(N_("Rows of the matrix that were computed again"))),
        entries=may_lack(count(N_("Entries of these rows"))),
        seen=may_lack(count(N_("Entries that are seen"))),
        ties=may_lack(count(N_("Entries on the very limit, which may fall either way"))),
        seed=may_lack(count(N_("Seed by which rows were drawn"))),
        differs=may_lack(items(N_("Cameras whose row differs"), text())),
    ),
    "store init": record(
        owner=text(N_("Role that owns the tables")),
        user=text(N_("Role of planners and the app")),
        made=items(N_("Roles that are new and have no password"), text()),
        url=text(N_("Address for planners and the app, without a password")),
    ),
    "region import": record(
        parts=items(N_("Names of the parts"), text()), rows=_counts(N_("Rows by table"))
    ),
    "region check": _REGION_CHECK,
    "region report": _REGION_CHECK,
    "region plan": record(
        places=number(N_("Places made compliant")),
        most_places=number(N_("Places that no split of this money beats")),
        cost_yuan=number(N_("What the plans cost"), "yuan"),
        budget_of=_BUDGET_OF,
        shares=items(
            N_("What each part gets"),
            record(
                part=text(N_("Name of the part")),
                budget_yuan=number(N_("Money"), "yuan"),
                cost_yuan=number(N_("What its plan costs"), "yuan"),
                places=number(N_("Places made compliant")),
            ),
        ),
    ),
    "app": record(address=text(N_("Address at which the app is, printed before it serves"))),
    "app-user add": record(**_ACCOUNT),
    "app-user list": record(accounts=items(N_("Each account"), record(**_ACCOUNT))),
    "app-user remove": record(removed=text(N_("Name whose account was removed"))),
    "app-token add": record(
        **_TOKEN,
        path=text(N_("Path of the app below which it reads")),
        token=text(N_("The token; it is printed this once")),
    ),
    "app-token list": record(tokens=items(N_("Each token"), record(**_TOKEN))),
    "app-token revoke": record(revoked=text(N_("Name whose token was taken away"))),
    "key show": record(
        key=text(N_("Public key of this installation")),
        fingerprint=text(N_("Fingerprint of the key")),
        files=may_lack(FILES),
    ),
    "key list": record(trusted=items(N_("Keys that are trusted"), record(**_KEY))),
    "key trust": record(**_KEY),
    "key forget": record(forgotten=text(N_("Name that is no longer trusted"))),
    "key check": record(
        file=text(N_("The bundle")),
        signer=text(N_("Name of the signer; empty for this installation")),
        fingerprint=text(N_("Fingerprint of the key")),
    ),
    "schema": {
        "$ref": "https://json-schema.org/draft/2020-12/schema",
        "description": N_("A schema of JSON Schema 2020-12"),
    },
}
"""What each command prints, without the faults and errors that any may print in its place."""


def used_by(shape: Shape) -> list[str]:
    """Return the names of the shared shapes that a shape consists of, in the order of `SHARED`."""
    found: set[str] = set()
    waiting = set(names_in(shape))
    while waiting:
        found |= waiting
        waiting = {each for name in waiting for each in names_in(SHARED[name])} - found
    return [name for name in SHARED if name in found]
