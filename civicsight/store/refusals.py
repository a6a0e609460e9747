"""The ways in which a store refuses, each with a name that a caller can catch."""

from __future__ import annotations

from collections.abc import Sequence

from civicsight.core.errors import Fault, InputError, Text
from civicsight.store.faults import fault

MIB = 1_048_576


class Conflict(InputError):  # noqa: N818 - the field's own word for it
    """Somebody else changed the plan since it was read."""

    def __init__(self, plan_id: str, who: str, at: str, action: Text) -> None:
        self.plan_id, self.who, self.at, self.action = plan_id, who, at, action
        super().__init__([fault("store.conflict", plan_id, who=who, at=at, action=action)])


class Denied(InputError):  # noqa: N818 - the field's own word for it
    """Who acted has no right to; the attempt is in the audit."""


class Damaged(InputError):  # noqa: N818 - what the file is
    """A store does not hold what was written into it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)


class StoreFull(InputError):  # noqa: N818 - what the disk is
    """There is not enough space; what was there before is whole."""

    def __init__(self, file: str, needed_bytes: int, free_bytes: int) -> None:
        self.needed_bytes, self.free_bytes = needed_bytes, free_bytes
        super().__init__(
            [
                fault(
                    "store.full",
                    file,
                    needed=f"{needed_bytes / MIB:.1f}",
                    free=f"{free_bytes / MIB:.1f}",
                )
            ]
        )


def changed(file: str, where: str, field: str = "", found: str = "") -> Fault:
    """Describe a place of a store that does not hold what was written there."""
    return fault("store.changed", file, where, field, found)
