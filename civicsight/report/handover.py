"""A hand-over package as a file, and the sheet that goes with it and is signed by both sides."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

from civicsight.core import i18n
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, Language
from civicsight.planning.record.root import LIST_FILE, to_scan
from civicsight.presentation.document import Document, Drawings, Facts, Section, Table
from civicsight.presentation.lexicon import number
from civicsight.presentation.qr import draw_qr
from civicsight.report.files import Write, write_bytes, write_files
from civicsight.report.html import render_sections

ENDING: Final = ".handover.zip"
SHEET: Final = "page.{}.html"
NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""When a file was packed is no part of a package: the same files make the same bytes."""

UNIX, PLAIN = 3, 0o100600 << 16
"""What an archive says of a file that is no link: it was packed by a Unix, for its owner."""


def package_name(plan_id: str, number_: int) -> str:
    """Return the name of the package of a version."""
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in plan_id)
    return f"{plain}-v{number_}{ENDING}"


def package_of(files: Mapping[str, bytes]) -> bytes:
    """Return the files of a package as one archive."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, NO_TIME)
            entry.create_system, entry.external_attr = UNIX, PLAIN
            out.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def write_handover(
    files: Mapping[str, bytes],
    told: Mapping[str, str | Text],
    out_dir: str | Path,
    *,
    name: str,
    languages: Sequence[Language] = LANGUAGES,
) -> list[Path]:
    """Write a package, and its sheet in each language.

    Parameters
    ----------
    files
        From `store.hand_over`.
    told
        What the sheet says of it: keys of `TOLD`.
    out_dir, name, languages
        Folder, made if it is missing; name of the package; languages of the sheet.
    """
    written: dict[str, Write] = {name: partial(write_bytes, content=package_of(files))}
    for language in languages:
        page = render_sheet_of(files, told, name, language)
        written[SHEET.format(HTML_LANGUAGE[language])] = partial(write_bytes, content=page)
    return write_files(out_dir, written)


TOLD: Final[Mapping[str, Text]] = {
    "project": N_("Project file"),
    "plan": N_("Plan"),
    "version": N_("Version"),
    "by": N_("Handed over by"),
    "to": N_("Handed over to"),
    "at": N_("Handed over at"),
    "note": N_("Note"),
    "key": N_("Signed with the key"),
    "audit": N_("Audit of the plans"),
}
"""What the sheet says of a package, in this order."""


def render_sheet_of(
    files: Mapping[str, bytes], told: Mapping[str, str | Text], name: str, language: Language
) -> str:
    """Return the sheet of a package as a page in one language."""
    root = sha256(files[LIST_FILE]).hexdigest()

    def translate(text: Text) -> str:
        return i18n.translate(text, language)

    values = {
        key: value if isinstance(value, str) else translate(value) for key, value in told.items()
    }
    pairs = [(translate(label), values.get(key) or "–") for key, label in TOLD.items()]
    pairs += [(translate(N_("Package")), name), (translate(N_("Root of the package")), root)]
    listed = tuple(
        (one, number(len(content)), sha256(content).hexdigest())
        for one, content in sorted(files.items())
        if one != LIST_FILE
    )
    headings = tuple(map(translate, (N_("File"), N_("Bytes"), N_("Digest (SHA-256)"))))
    how = N_(
        "Whoever takes the package over types or scans this root, and the package is refused if "
        "anything in it was changed. Keep this sheet apart from the package."
    )
    signed = tuple((translate(who), "", "") for who in (N_("Handed over by"), N_("Taken over by")))
    sign = tuple(map(translate, (N_("Signed"), N_("Name of the person"), N_("Day"))))
    # In a box of its own the code is as large as on the paper of a plan.
    scanned = translate(N_("The root, to be scanned"))
    code = Drawings(((scanned, draw_qr(to_scan(root)).svg(scanned)),), "approval")
    sections = [
        Section(translate(N_("What is handed over")), [Facts(tuple(pairs)), translate(how), code]),
        Section(
            translate(N_("Files of the package")), [Table("", headings, listed, frozenset({1}))]
        ),
        Section(translate(N_("Signatures")), [Table("", sign, signed)]),
    ]
    title = translate(N_("Hand-over of the plan %(plan)s", plan=values.get("plan", "")))
    document = Document(language, title, (), (), tuple(sections))
    return render_sections(document, (N_("Root of the package:"), root))
