"""Formats of what civicsight keeps: their numbers, where those stand, and what leads up to them.

A format has a whole number that is raised when a reader of before could not read what is written.
`FORMATS` is the only list of them. What says a higher number than the one here is refused in words;
what says a lower one goes through the `Step` of each number in between: in memory when it is read,
and in place when `civicsight.store.migrations.migrate` is asked to, after a backup.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.core.release import installed_version

PROJECT, STORE, PLAN, SESSION = "project", "store", "plan", "session"
ACCOUNTS, CERTIFICATE, MAPPING, RULE_PACK = "accounts", "certificate", "mapping", "rule_pack"
RESULT: Final = "result"
REGION: Final = "region"
TOKENS: Final = "tokens"
HANDOVER: Final = "handover"


@dataclass(frozen=True, slots=True)
class Step:
    """What leads from one number of a format to the next.

    Parameters
    ----------
    start
        The number that it begins with; it ends with the next one.
    says
        What it does, for a person.
    apply
        Gets the connection of an open file (`sqlite3` for a project, SQLAlchemy for a store), in a
        transaction that others begin and end; or the fields of a document, and returns those of the
        next number. It never changes rows of versions, entries of the audit or the digest of
        anything: what was approved stays what it was.
    """

    start: int
    says: Text
    apply: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: which number is written today, and how the others are met.

    Parameters
    ----------
    name
        Its name here and at the beginning of the codes of its faults.
    label
        What people call what has it.
    number
        The number that is written today.
    place
        Where the number stands.
    mark
        By what a file of this format is known.
    older
        What becomes of a lower number.
    unnumbered
        What becomes of one without a number.
    steps
        What leads to today's number, in order, without a gap.
    """

    name: str
    label: Text
    number: int
    place: str
    mark: str
    older: str
    unnumbered: str
    steps: tuple[Step, ...] = ()


def _nothing(_: object) -> None:
    """Change nothing: what is written from now on is what differs."""


def _record_what_went(connection: Any) -> None:
    """Mark what a version of a plan no longer had of the one before, for rows now last until then.

    Each version has all of its rows already; these are marks beside them.
    """
    connection.exec_driver_sql("DROP INDEX feature_of_version")
    connection.exec_driver_sql(
        "CREATE INDEX feature_of_plan ON feature (plan_id, layer, feature_id, version)"
    )
    connection.exec_driver_sql(
        "INSERT INTO feature (fid, plan_id, version, layer, position, feature_id, properties) "
        "SELECT (SELECT max(fid) FROM feature) + row_number() OVER (ORDER BY f.fid), f.plan_id, "
        "f.version + 1, f.layer, 0, f.feature_id, '' FROM feature f "
        "JOIN plan p ON p.plan_id = f.plan_id AND f.version < p.version "
        "WHERE NOT EXISTS (SELECT 1 FROM feature g WHERE g.plan_id = f.plan_id "
        "AND g.layer = f.layer AND g.feature_id = f.feature_id AND g.version = f.version + 1)"
    )


def _without_digests(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Take the digests of single files out of the proof of a plan."""
    gone = ("problem_sha256", "dual_sha256")
    kept = {name: value for name, value in dict(plan["proof"]).items() if name not in gone}
    return {**plan, "proof": kept}


def _with_targets(pack: Mapping[str, Any]) -> dict[str, Any]:
    """Say of the profile named plate what it looks at; of others the usual target holds."""
    profiles = dict(pack.get("profiles", {}))
    if "plate" in profiles:
        profiles["plate"] = {"target": "plate", **profiles["plate"]}
    return {**pack, "profiles": profiles} if profiles else dict(pack)


IN_PLACE: Final = "opened for reading as it is; changed by `civicsight migrate`, after a backup"
IN_MEMORY: Final = "brought up to date in memory; the bytes stay, digests bind them"
REFUSED: Final = "refused"

FORMATS: Final[dict[str, Format]] = {
    entry.name: entry
    for entry in (
        Format(
            PROJECT,
            N_("project of a city"),
            1,
            "column `format` of the table `civicsight`",
            "a GeoPackage with a table `civicsight`",
            IN_PLACE,
            REFUSED,
        ),
        Format(
            STORE,
            N_("file of plans"),
            5,
            "column `format` of the table `store`",
            "a SQLite file or a PostgreSQL database with tables `store` and `audit`",
            IN_PLACE,
            REFUSED,
            (
                Step(
                    1,
                    N_("versions to come are bound by their root; those there keep their digest"),
                    _nothing,
                ),
                Step(
                    2,
                    N_("versions to come share the rows and documents that did not change"),
                    _record_what_went,
                ),
                Step(
                    3,
                    N_("scans and files of remarks can be kept; of those there is the digest"),
                    _nothing,
                ),
                Step(
                    4,
                    N_("the database refuses a change of a plan without its entry in the audit"),
                    _nothing,
                ),
            ),
        ),
        Format(
            PLAN,
            N_("plan"),
            3,
            "`format` in plan.json, in a folder or in a version",
            "a folder with plan.json; document `plan` of a version",
            IN_MEMORY,
            REFUSED,
            (
                Step(
                    1,
                    N_("digests of the problem and of its prices go: the root binds their files"),
                    _without_digests,
                ),
                Step(2, N_("the check that a plan was made from can be kept with it"), dict),
            ),
        ),
        Format(
            CERTIFICATE,
            N_("certificate of a plan"),
            1,
            "`format` in certificate/plan.json, from number 2 on",
            "the folder `certificate` of a plan: plan.json, dual.npy, problem/*.npy",
            IN_MEMORY,
            "number 1: the check is done on the bytes and their digests",
        ),
        Format(
            SESSION,
            N_("draft of the app"),
            2,
            "`format` in the text",
            "a draft below the cache folder; document `session` of a version",
            IN_MEMORY,
            REFUSED,
            (Step(1, N_("gates say who confirmed them, when, and on what basis"), dict),),
        ),
        Format(
            ACCOUNTS,
            N_("file of accounts"),
            1,
            "the key `civicsight accounts 1`",
            "JSON with that key",
            IN_MEMORY,
            REFUSED,
        ),
        Format(
            TOKENS,
            N_("file of tokens"),
            1,
            "the key `civicsight tokens 1`",
            "JSON with that key",
            IN_MEMORY,
            REFUSED,
        ),
        Format(
            HANDOVER,
            N_("hand-over package"),
            2,
            "`format` in handover.json",
            "a ZIP with handover.json and root.sha256",
            IN_MEMORY,
            REFUSED,
            (Step(1, N_("the list of its files is signed by whoever wrote it"), dict),),
        ),
        Format(
            RULE_PACK,
            N_("rule pack"),
            2,
            "`format_version`",
            "YAML with `format: civicsight-rulepack`",
            IN_MEMORY,
            REFUSED,
            (
                Step(
                    1,
                    N_("capture profiles say what they look at: one named plate, at plates"),
                    _with_targets,
                ),
            ),
        ),
        Format(
            MAPPING,
            N_("mapping file"),
            1,
            "nowhere: a key that is not known is refused by its name",
            "YAML with `columns` and `words`",
            "there is none",
            "number 1",
        ),
        Format(
            REGION,
            N_("region"),
            1,
            "`format` in region.json",
            "a folder with region.json and GeoParquet of each part",
            IN_MEMORY,
            REFUSED,
        ),
        Format(
            RESULT,
            N_("kept result"),
            2,
            "`format` in meta.json",
            "a ZIP below the cache folder",
            "computed anew: it is a cache",
            "computed anew",
            (Step(1, N_("parts say at which height they are looked for"), _nothing),),
        ),
    )
}
"""Every format that is written and read again; tables and pages that are only written have none."""


def steps_from(name: str, found: object, file: str, *, writer: str = "") -> tuple[Step, ...]:
    """Return what leads from the number found to today's; nothing if it is today's.

    Parameters
    ----------
    name, found
        The format, and the number that a file states.
    file
        Name of the file for a fault.
    writer
        The civicsight that wrote it, where the file says so.

    Raises
    ------
    InputError
        If the number is higher than today's, or is none.
    """
    known = FORMATS[name]
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        _refuse("no_version", known, file, found, N_("Restore the latest backup of it."))
    if found > known.number:
        remedy = N_("Use the version of civicsight that wrote it, or a later one.")
        if writer:
            remedy = N_(
                "Use the version of civicsight that wrote it (%(writer)s), or a later one.",
                writer=writer,
            )
        _refuse("newer", known, file, found, remedy)
    return tuple(step for step in known.steps if step.start >= found)


def brought_up(name: str, fields: Mapping[str, Any], file: str) -> dict[str, Any]:
    """Return the fields of a document as today's number has them; the document stays as it is.

    Raises
    ------
    InputError
        As `steps_from`, of the field ``format``.
    """
    data = dict(fields)
    for step in steps_from(name, data.get("format"), file):
        data = {**step.apply(data), "format": step.start + 1}
    return data


def path_before(path: Path, number: int) -> Path:
    """Return where a backup of a file goes before it leaves a format; nothing stands there yet."""
    ends = ("", *(f"-{count}" for count in range(2, 1_000)))
    names = (f"{path.stem}.before-v{number}{end}{path.suffix}" for end in ends)
    return next(place for name in names if not (place := path.with_name(name)).exists())


def own_version() -> str:
    """Return the version of this package; a dash if it runs without being installed."""
    return installed_version() or "–"


def _refuse(why: str, known: Format, file: str, found: object, remedy: Text) -> NoReturn:
    expected = N_(
        "%(kind)s of format %(number)s or lower, which is what civicsight %(own)s knows",
        kind=known.label,
        number=known.number,
        own=own_version(),
    )
    raise InputError(
        [Fault(f"{known.name}.{why}", file, "", "format", str(found), expected, remedy)]
    )
