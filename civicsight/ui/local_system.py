"""The local system in which files of this visit give X and Y: handed in once, kept nowhere."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import streamlit as st

from civicsight.application.intake import safe_name
from civicsight.core.errors import N_, CivicsightError
from civicsight.io.apart.reading import read_apart
from civicsight.io.registers.local_systems import read_local_system
from civicsight.ui.access.signin import standing
from civicsight.ui.access.uploads import Entitled, take_file
from civicsight.ui.errors import show_refusal

if TYPE_CHECKING:
    from civicsight.io.local_systems import LocalSystem
    from civicsight.ui.frame import Visitor

HELD: Final = "local_system"
"""Key of whose parameters are held, and what was read of them or why it was refused."""

TYPES: Final = ("csv", "xlsx")


def local_of(who: Visitor) -> LocalSystem | None:
    """Return the local system that this person handed in during this visit."""
    held = _held(who)
    return None if isinstance(held, CivicsightError) else held


def ask_local(who: Visitor, key: str) -> LocalSystem | None:
    """Draw the field for the parameters of a local system, or by which X and Y are read now.

    Parameters
    ----------
    who
        Who hands them in; nobody else's files are read with them.
    key
        Of the place where they are asked for; what is handed in at one place holds at all.

    References
    ----------
    ``docs/decisions/0053-local-systems.md``: they are held as long as the visit, and kept nowhere.
    """
    held = _held(who)
    if isinstance(held, CivicsightError) or held is None:
        with st.expander(who.translate(N_("Local system of X and Y")), expanded=held is not None):
            text = N_(
                "A table of four or seven parameters of the office: parameter, value. It holds "
                "until you put it away or leave; neither project nor report keeps any of them."
            )
            st.text(who.translate(text))
            label = who.translate(N_("Parameters of the local system (CSV or XLSX)"))
            entitled = Entitled(who.actor.name, standing(who.actor))
            take_file(label, f"{key}.local", entitled, TYPES, lambda *file: _take(who, *file))
            if held is not None:
                show_refusal(held, who.language)
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        text = N_(
            "X and Y of the files are read as local coordinates, by the parameters of %(file)s",
            file=held.name,
        )
        st.text(who.translate(text))
        st.button(
            who.translate(N_("Put away")),
            key=f"{key}.local.away",
            type="tertiary",
            on_click=st.session_state.pop,
            args=(HELD, None),
        )
    return held


def _held(who: Visitor) -> LocalSystem | CivicsightError | None:
    actor, held = st.session_state.get(HELD, (None, None))
    return held if actor == who.actor else None


def _take(who: Visitor, name: str, content: bytes) -> None:
    """Hold what a table says, read in a process of its own, or why it was refused."""
    held: LocalSystem | CivicsightError
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = Path(scratch) / safe_name(name)
        path.write_bytes(content)
        try:
            held = read_local_system(read_apart("sheet", path))
        except CivicsightError as error:
            held = error
    st.session_state[HELD] = (who.actor, held)
