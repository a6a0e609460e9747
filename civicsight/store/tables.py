"""The tables of a store, the same in every database, and what seals them.

Only `plan` is ever updated. What was decided (opinions, approvals, answers, appointments) are
entries of `audit` and stand nowhere else, so that nothing can drift from its proof. Triggers refuse
every change of what was kept, whoever opens the database.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from civicsight.store.records import START

METADATA: Final = MetaData()

BIG: Final = BigInteger().with_variant(Integer(), "sqlite")
"""A key that SQLite counts by itself has to be called INTEGER there."""

STORE: Final = Table(
    "store",
    METADATA,
    Column("format", Integer, primary_key=True, autoincrement=False),
    Column("store_id", Text, nullable=False),
    Column("created_at", Text, nullable=False),
)

PLAN: Final = Table(
    "plan",
    METADATA,
    Column("plan_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("departments", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("rev", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", Text, nullable=False),
)
"""The plans as they stand; `version` 0 is a plan without any."""

STEPPED: Final = tuple(column.name for column in PLAN.columns if not column.primary_key)
"""What an act may change of a plan."""

PLAN_VERSION: Final = Table(
    "plan_version",
    METADATA,
    Column("plan_id", Text, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("rev", Integer, nullable=False),
    Column("parent", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("layers", Text, nullable=False),
    Column("manifest", Text, nullable=False),
    Column("digest", Text, nullable=False),
)
"""Versions; `rev` leads to the entry of the audit that proves one.

`manifest` has the digest of every document and of every row that differs from the version before,
`digest` covers all other columns.
"""

FEATURE: Final = Table(
    "feature",
    METADATA,
    Column("fid", BIG, primary_key=True),
    Column("plan_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("layer", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("feature_id", Text, nullable=False),
    Column("properties", Text, nullable=False),
    Column("geom", LargeBinary),
    Index("feature_of_plan", "plan_id", "layer", "feature_id", "version"),
)

"""Features where a version first had them, see `versions`."""

DOCUMENT: Final = Table(
    "document",
    METADATA,
    Column("plan_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
)

ATTACHMENT: Final = Table(
    "attachment",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
"""Files that entries of the audit name, each once, see `attachments`."""

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("seq", BIG, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("plan_id", Text, nullable=False),
    Column("rev", Integer),
    Column("body", Text, nullable=False),
    Column("prev", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("audit_of_plan", "plan_id", "rev"),
    Index("audit_of_action", "action", "plan_id"),
)
"""`rev` is the revision that an entry gave its plan; an entry that changed no plan has none."""

CURRENT: Final = (
    "f.properties <> '' AND NOT EXISTS (SELECT 1 FROM feature later WHERE "
    "later.plan_id = f.plan_id AND later.layer = f.layer AND later.feature_id = f.feature_id "
    "AND later.version > f.version)"
)
"""Of a feature that the latest version of its plan holds."""

IMMUTABLE: Final = (STORE, PLAN_VERSION, FEATURE, DOCUMENT, ATTACHMENT, AUDIT)
"""Tables that refuse every change and removal of a row."""


SEALED: Final = "civicsight: what is kept here is never changed"

IS_SEALED: Final = "EXISTS (SELECT 1 FROM plan_version v WHERE v.plan_id = NEW.plan_id AND v.n >= "

SAYS: Final = {
    "sqlite": "json_extract(a.body, '$.plan.{0}') = NEW.{0}",
    "postgresql": "(a.body::json -> 'plan' ->> '{0}') = NEW.{0}::text",
}
"""How a database asks whether an entry of the audit tells the same of a plan as its row."""

UNTOLD: Final = "{untold}"
"""Stands in a condition for: no entry of the audit tells this row of `plan`; see `guards`."""

_GUARDS: Final = (
    *(
        (f"{table.name}_no_{verb.lower()}", f"{verb} ON {table.name}", "")
        for table in IMMUTABLE
        for verb in ("UPDATE", "DELETE")
    ),
    ("feature_sealed", "INSERT ON feature", f"{IS_SEALED} NEW.version)"),
    ("document_sealed", "INSERT ON document", f"{IS_SEALED} NEW.version)"),
    ("plan_version_sealed", "INSERT ON plan_version", f"{IS_SEALED} NEW.n)"),
    ("store_sealed", "INSERT ON store", "EXISTS (SELECT 1 FROM store)"),
    ("audit_sealed", "INSERT ON audit", "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit)"),
    (
        "audit_chained",
        "INSERT ON audit",
        (
            f"NEW.prev <> coalesce((SELECT hash FROM audit WHERE seq = NEW.seq - 1), '{START}') "  # noqa: S608 - own words
            "OR EXISTS (SELECT 1 FROM audit a WHERE a.plan_id = NEW.plan_id AND a.rev = NEW.rev)"
        ),
    ),
    ("plan_no_delete", "DELETE ON plan", ""),
    ("plan_begins", "INSERT ON plan", UNTOLD),
    ("plan_told", "UPDATE ON plan", UNTOLD),
    (
        "plan_in_steps",
        "UPDATE ON plan",
        (
            "NEW.rev <> OLD.rev + 1 OR NEW.plan_id <> OLD.plan_id OR NEW.version < OLD.version "
            "OR (NEW.version <> OLD.version AND NEW.state <> 'draft')"
        ),
    ),
)


def guards(dialect: str) -> tuple[tuple[str, str, str], ...]:
    """Return name of each trigger, before what it fires, and when.

    A plan goes on in steps of one revision, each with its entry in the audit, which is there first;
    a new version always makes it a draft: no version slips under an approval.

    Parameters
    ----------
    dialect
        Of SQLAlchemy: what it asks in JSON is not the same everywhere.
    """
    same = " AND ".join(SAYS[dialect].format(column.name) for column in PLAN.columns)
    untold = (
        "NOT EXISTS (SELECT 1 FROM audit a WHERE a.plan_id = NEW.plan_id AND a.rev = NEW.rev "  # noqa: S608 - own words
        f"AND {same})"
    )
    return tuple((name, on, when.replace(UNTOLD, untold)) for name, on, when in _GUARDS)
