"""What refuses every change of what was kept, whoever opens the database."""

from __future__ import annotations

from typing import Final

from civicsight.store.tables import IMMUTABLE

SEALED: Final = "civicsight: what is kept here is never changed"

IS_SEALED: Final = "EXISTS (SELECT 1 FROM plan_version v WHERE v.plan_id = NEW.plan_id AND v.n >= "

GUARDS: Final = (
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
    ("plan_no_delete", "DELETE ON plan", ""),
    (
        "plan_in_steps",
        "UPDATE ON plan",
        (
            "NEW.rev <> OLD.rev + 1 OR NEW.plan_id <> OLD.plan_id OR NEW.version < OLD.version "
            "OR (NEW.version <> OLD.version AND NEW.state <> 'draft')"
        ),
    ),
)
"""Name of a trigger, before what it fires, and when.

A plan goes on in steps of one revision, and a new version always makes it a draft: no version slips
under an approval.
"""
