"""Where plans are kept: versions that nobody can change, who decided what, and proof of both.

A store is one file, a valid GeoPackage that QGIS opens. A plan in it is a chain of versions; each
version holds tables with a place (cameras, measures, ...) and JSON documents (parameters,
certificate, phases, ledger, ...), and is bound to a digest over its stored bytes. Whatever anybody
does, and whatever is refused to anybody, is one entry of an audit chain.

Every method and act takes the `Actor` first, and asks the table of rights at that moment::

    store = open_store("plans.gpkg", create=True)
    li = Actor("Li", Role.PLANNER)
    plan = store.new_plan(li, "donghu", name="...", district="donghu", departments=("...",))
    plan = store.commit_version(
        li, "donghu", base_rev=plan.rev,
        layers={"cameras": cameras, "measures": measures},    # (Geo)DataFrames, index = id
        documents={"parameters": {...}, "certificate": {...}},  # what JSON can hold
        inputs={"city.gpkg": file_digest("city.gpkg")},
    )
    version = store.read_version(li, "donghu")                # or a number: read_version(.., 3)
    version.layers["measures"], version.documents["ledger"], version.digest
    store.list_plans(li); store.list_versions(li, "donghu"); store.history(li, "donghu")

    start_review(store, li, "donghu", base_rev=plan.rev)
    give_opinion(store, wang, "donghu", digest=..., department=..., dated_on=..., text=...)
    submit(store, li, "donghu", base_rev=..., inputs={...})   # refused if inputs changed
    approve(store, zhou, "donghu", digest=..., body=..., document_number=..., dated_on=...,
            scan=File("approval.pdf", ...))       # kept; or scan_sha256= of one kept elsewhere
    leave_remark(store, wang, "donghu", "too low", digest=..., subject="cam-7", files=[File(...)])
    threads(store, li, "donghu"); read_attachment(store, li, "donghu", "sha256 of the file")
    take_replies(store, wang, "donghu", [Brought(department, replies, File(...))], digest=...)
    settle_opinion(store, li, "donghu", 12, digest=..., adopted="partly", reason="...")
    stand_of(plan, opinions(...), threads(...))               # department by department
    hear(...); send_back(...); implement(...); supersede(...); answer(...); waive(...); appoint(...)

    stale_inputs(version, {...})                # which inputs changed since, as sentences
    verify(store, actor=..., expect_head=...) -> Verified
    backup(store, admin, "folder") -> Path; restore("backup.gpkg", "plans.gpkg", admin)
    copy_store(store, "postgresql://city@server/plans", admin) -> Verified
    export_version(store, li, "donghu", "out.gpkg")

What can go wrong has a name: `Conflict` (somebody else changed the plan: who and when), `Denied`
(no right; audited), `Damaged` (the file does not hold what was written: layer and row),
`StoreFull` (how much space is needed); all are `InputError` with faults.
"""

from civicsight.store.actors import (
    ACT_LABELS,
    ALLOWED,
    ROLE_LABELS,
    SIGNED_IN,
    STATE_LABELS,
    Act,
    Actor,
    Role,
    State,
    system_user,
)
from civicsight.store.attachments import File
from civicsight.store.attestation import (
    NOBODY_APPOINTED,
    describe_name,
    describe_unjudged,
    takes_any_name,
)
from civicsight.store.backup import backup, restore, verify
from civicsight.store.consultation import (
    Brought,
    Taken,
    settle_opinion,
    stand_of,
    take_replies,
    unsettled,
)
from civicsight.store.handover import (
    Package,
    hand_over,
    known_versions,
    prove_by_sheet,
    read_package,
    require_proof,
)
from civicsight.store.records import (
    Answer,
    Approval,
    Attachment,
    Opinion,
    Plan,
    Version,
    VersionHead,
    file_digest,
)
from civicsight.store.refusals import Conflict, Damaged, Denied, StoreFull
from civicsight.store.remarks import Said, Thread, leave_remark, threads
from civicsight.store.store import Store, open_store
from civicsight.store.transactions import stale_inputs
from civicsight.store.transfer import copy_store, export_version
from civicsight.store.verify import Verified
from civicsight.store.workflow import (
    answer,
    answers,
    appoint,
    approvals,
    approve,
    dismiss,
    give_opinion,
    hear,
    implement,
    opinions,
    read_attachment,
    send_back,
    start_review,
    submit,
    supersede,
    waive,
)

__all__ = [
    "ACT_LABELS",
    "ALLOWED",
    "NOBODY_APPOINTED",
    "ROLE_LABELS",
    "SIGNED_IN",
    "STATE_LABELS",
    "Act",
    "Actor",
    "Answer",
    "Approval",
    "Attachment",
    "Brought",
    "Conflict",
    "Damaged",
    "Denied",
    "File",
    "Opinion",
    "Package",
    "Plan",
    "Role",
    "Said",
    "State",
    "Store",
    "StoreFull",
    "Taken",
    "Thread",
    "Verified",
    "Version",
    "VersionHead",
    "answer",
    "answers",
    "appoint",
    "approvals",
    "approve",
    "backup",
    "copy_store",
    "describe_name",
    "describe_unjudged",
    "dismiss",
    "export_version",
    "file_digest",
    "give_opinion",
    "hand_over",
    "hear",
    "implement",
    "known_versions",
    "leave_remark",
    "open_store",
    "opinions",
    "prove_by_sheet",
    "read_attachment",
    "read_package",
    "require_proof",
    "restore",
    "send_back",
    "settle_opinion",
    "stale_inputs",
    "stand_of",
    "start_review",
    "submit",
    "supersede",
    "system_user",
    "take_replies",
    "takes_any_name",
    "threads",
    "unsettled",
    "verify",
    "waive",
]
