"""Who really acted: whether a name was appointed or only claimed, and on whose account it ran."""

from __future__ import annotations

import getpass
import os
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.store.audit import has_members
from civicsight.store.records import Approval
from civicsight.store.store import Store

NOBODY_APPOINTED: Final = N_(
    "Nobody is appointed in this file of plans: whoever acts is taken for whom he says he is."
)
"""Said on every act in a store without appointments."""


def takes_any_name(store: Store) -> bool:
    """Tell whether nobody was ever appointed in a store, so that it takes any name."""
    with store.database.reading() as connection:
        return not has_members(connection)


def system_user() -> str:
    """Return the user of the operating system that runs this; no variable can say another."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except ImportError:  # not a Unix
        return getpass.getuser()
    except KeyError:  # a container may have no such user
        return str(os.getuid())


def describe_name(approval: Approval) -> Text:
    """Say what the name under an approval rests on; it belongs on its paper."""
    said = {"name": approval.name, "user": approval.user}
    if approval.appointed is None:
        return N_("It was not recorded whether anybody had appointed %(name)s.", **said)
    if approval.appointed:
        if approval.user:
            return N_(
                "%(name)s was appointed; the user %(user)s of the computer entered it.", **said
            )
        return N_("%(name)s was appointed.", **said)
    if approval.user:
        return N_(
            "Nobody was appointed, and the name %(name)s was only claimed; the user %(user)s of "
            "the computer entered it.",
            **said,
        )
    return N_("Nobody was appointed, and the name %(name)s was only claimed.", **said)
