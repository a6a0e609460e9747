"""What roles, states and acts are called in sentences for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import translate
from civicsight.store.actors import Act, Role
from civicsight.store.states import State

ROLE_LABELS: Final[dict[str, Text]] = {
    Role.PLANNER: N_("municipal planner"),
    Role.DISTRICT_PLANNER: N_("district planner"),
    Role.ANALYST: N_("analyst"),
    Role.REVIEWER: N_("reviewer of a department"),
    Role.APPROVER: N_("municipal approver"),
    Role.ADMIN: N_("administrator"),
    Role.AUDITOR: N_("auditor"),
}

STATE_LABELS: Final[dict[str, Text]] = {
    State.DRAFT: N_("draft plan"),
    State.JOINT_REVIEW: N_("in joint review"),
    State.SUBMITTED: N_("submitted for approval"),
    State.RETURNED: N_("returned to the planner"),
    State.APPROVED: N_("approved plan"),
    State.IN_IMPLEMENTATION: N_("in implementation"),
    State.SUPERSEDED: N_("superseded plan"),
}

ACT_LABELS: Final[dict[str, Text]] = {
    Act.CREATE: N_("began the plan"),
    Act.COMMIT: N_("committed a version"),
    Act.READ: N_("read"),
    Act.EXPORT: N_("exported a version"),
    Act.START_REVIEW: N_("started the joint review"),
    Act.OPINION: N_("gave an opinion"),
    Act.SUBMIT: N_("submitted the plan"),
    Act.RETURN: N_("returned the plan"),
    Act.APPROVE: N_("approved the plan"),
    Act.IMPLEMENT: N_("started the implementation"),
    Act.SUPERSEDE: N_("superseded the plan"),
    Act.ANSWER: N_("answered a question"),
    Act.WAIVE: N_("waived a finding"),
    Act.AUDIT: N_("read the audit"),
    Act.BACKUP: N_("made a backup"),
    Act.RESTORE: N_("restored a backup"),
    Act.MIGRATE: N_("brought the file up to date"),
    Act.APPOINT: N_("appointed a member"),
    Act.DISMISS: N_("dismissed a member"),
    Act.IMPORT: N_("brought a file in"),
}


def listed(texts: Iterable[Text]) -> dict[str, str]:
    """Join names to one value of a sentence, in both languages."""
    names = list(texts)
    comma = N_(", ")
    return {
        "zh": translate(comma, "zh_CN").join(translate(name, "zh_CN") for name in names),
        "en": str(comma).join(map(str, names)),
    }
