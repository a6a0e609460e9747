"""The tables of a store, the same in every database.

Only `plan` is ever updated. What was decided (opinions, approvals, answers, appointments) are
entries of `audit` and stand nowhere else, so that nothing can drift from its proof.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

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

`manifest` has the digest of every row and document, `digest` covers all other columns.
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
    Index("feature_of_version", "plan_id", "version", "layer", "position"),
)

DOCUMENT: Final = Table(
    "document",
    METADATA,
    Column("plan_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
)

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

IMMUTABLE: Final = (STORE, PLAN_VERSION, FEATURE, DOCUMENT, AUDIT)
"""Tables that refuse every change and removal of a row."""
