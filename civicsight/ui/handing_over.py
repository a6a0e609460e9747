"""Hand a plan over to another installation, and begin a project with one that was handed over."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import streamlit as st

from civicsight.application.handing_over import begin_with, describe, open_package, pack_plan
from civicsight.application.intake import safe_name
from civicsight.application.plans import list_plans
from civicsight.core.errors import N_, CivicsightError
from civicsight.core.settings import projects_dir
from civicsight.editing.projects import keep_handed
from civicsight.report.handover import package_of, render_sheet_of
from civicsight.store import open_store
from civicsight.store.handover_proof import UNPROVEN
from civicsight.ui.access.signin import standing
from civicsight.ui.access.uploads import Entitled, ask_for_file, release
from civicsight.ui.chosen import chosen_project
from civicsight.ui.elements import lead_to, link_to_file
from civicsight.ui.errors import show_refusal, warn
from civicsight.ui.frame import Visit, Visitor, current, visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from civicsight.store import Package

MADE: Final = "handover.made"
"""Key of the package that was written last: of which project and for whom, its files."""

COME, REFUSED, TURN = "handover.come", "handover.refused", "handover.turn"
"""Keys of the package that came last, of why one was refused, and of the field for it."""

SHEET: Final = "sheet.html"


def offer_handover(visit: Visit) -> None:
    """Offer to write the latest version of a plan as a package, for whom may take all of it."""
    plans = {one.plan_id: one.name for one in list_plans(visit.project, visit.actor) if one.version}
    if not plans or visit.actor.role.is_bound:
        return
    with st.expander(visit.translate(N_("Hand a plan over to another installation"))):
        text = N_(
            "The project with one plan, to be opened, worked on and sent back elsewhere. Print the "
            "sheet, have it signed, and keep it apart from the package: its root proves it."
        )
        st.text(visit.translate(text))
        plan_id = st.selectbox(
            visit.translate(N_("Plan")),
            list(plans),
            format_func=plans.__getitem__,
            key="handover.plan",
        )
        to = st.text_input(visit.translate(N_("Handed over to")), key="handover.to").strip()
        note = st.text_input(visit.translate(N_("Note")), key="handover.note").strip()
        if st.button(visit.translate(N_("Write the package")), key="handover.write"):
            _write(plan_id, to, note)
        _links(visit)


def _write(plan_id: str, to: str, note: str) -> None:
    """Write with the rights of this moment."""
    visit, path = current(), chosen_project()
    st.session_state.pop(MADE, None)
    try:
        with (
            st.spinner(visit.translate(N_("Writing"))),
            open_store(visit.project.store_path) as store,
        ):
            made = pack_plan(store, visit.actor, plan_id, path or Path(), to=to, note=note)
            sheet = render_sheet_of(made.files, made.told, made.name, visit.language)
            files = ((made.name, package_of(made.files)), (SHEET, sheet.encode()))
    except CivicsightError as error:
        show_refusal(error, visit.language)
        return
    st.session_state[MADE] = (visit.project.digest, visit.actor, made.root, files)


def _links(visit: Visit) -> None:
    digest, actor, root, files = st.session_state.get(MADE, ("", None, "", ()))
    if (digest, actor) != (visit.project.digest, visit.actor):
        return
    st.text(visit.translate(N_("Root of the package: %(root)s", root=root)))
    labels = (N_("Download the package"), N_("Download its sheet"))
    with st.container(horizontal=True):
        for (name, content), label in zip(files, labels, strict=True):
            st.html(link_to_file(visit, name, content, label))


def ask_for_package(who: Visitor, key: str, take: Callable[[Package, str], object]) -> None:
    """Draw the fields for a package and its sheet; what came is read apart, and given to `take`."""
    turn = st.session_state.get(f"{key}.{TURN}", 0)
    entitled = Entitled(who.actor.name, standing(who.actor))
    label = N_("Sheet of the package (.html), before the package itself; it proves the package")
    sheet = ask_for_file(who.translate(label), f"{key}.sheet.{turn}", entitled, ("html",))
    file = ask_for_file(
        who.translate(N_("Hand-over package (.zip)")), f"{key}.file.{turn}", entitled, ("zip",)
    )
    if file is not None:
        st.session_state.pop(f"{key}.{REFUSED}", None)
        try:
            with st.spinner(who.translate(N_("Reading the package"))):
                take(_read(file, sheet), safe_name(file.name))
        except CivicsightError as error:
            st.session_state[f"{key}.{REFUSED}"] = error
        for sent in filter(None, (file, sheet)):
            release(sent)
        st.session_state[f"{key}.{TURN}"] = turn + 1
        st.rerun()
    refused = st.session_state.get(f"{key}.{REFUSED}")
    if refused is not None:
        show_refusal(refused, who.language)


def _read(file: UploadedFile, sheet: UploadedFile | None) -> Package:
    """Read a package that a browser sent, and compare it with its sheet if that came too."""
    proof = None if sheet is None else (safe_name(sheet.name), sheet.getvalue())
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = Path(scratch) / safe_name(file.name)
        path.write_bytes(file.getvalue())
        return open_package(path, sheet=proof)


def show_package(who: Visitor, package: Package, key: str) -> bool:
    """Say what a package is and what proves it; return whether it may be taken over as unproven.

    Where nothing proves it, the visitor has to say so first; the service refuses it otherwise.
    """
    *said, proof = map(who.translate, describe(package))
    st.text("\n".join(said))
    if package.proof.by != UNPROVEN:
        st.text(proof)
        return False
    warn(proof, "handover")
    label = N_("Take it over as unproven; the decision log keeps that it was so.")
    return st.checkbox(who.translate(label), key=f"{key}.unproven.{package.root}")


def offer_to_begin(who: Visitor) -> None:
    """Take a package, and begin a project with it."""
    with st.expander(who.translate(N_("Open a plan that was handed over"))):
        ask_for_package(who, "start.package", _keep)
        package, source = st.session_state.get(COME, (None, ""))
        if package is None:
            return
        unproven = show_package(who, package, "start.package")
        label = N_("Begin the project with it")
        if st.button(who.translate(label), key="start.package.begin", type="primary"):
            _begin(package, source, unproven=unproven)


def _keep(package: Package, source: str) -> None:
    st.session_state[COME] = (package, source)


def _begin(package: Package, source: str, *, unproven: bool) -> None:
    """Keep the project and its plan by the rights of this moment, and lead the visit to it."""
    who = visitor()

    def keep(place: Path) -> None:
        with open_store(place, create=True) as store:
            begin_with(store, who.actor, package, source, unproven=unproven)

    folder = projects_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        begun = keep_handed(folder, package.project, package.law, keep)
    except CivicsightError as error:
        show_refusal(error, who.language)
        return
    st.session_state.pop(COME, None)
    lead_to(who, begun.code)
