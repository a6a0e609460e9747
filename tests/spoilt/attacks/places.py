"""What is given in place of a file, names that act, and files that point elsewhere."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from tests.spoilt.attacks.whole import content_of
from tests.spoilt.case import ADDRESS, Case, pointing
from tests.spoilt.sound import CSV

TEN_GIGABYTES: Final = 10 << 30


def pipe(path: Path) -> None:
    os.mkfifo(path)


def line(path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as opened:
        opened.bind(str(path))


def sparse(path: Path) -> None:
    path.write_bytes(content_of("table.csv") if path.suffix == ".csv" else b"II*\0")
    os.truncate(path, TEN_GIGABYTES)


KINDS: Final[dict[str, Callable[[Path], object]]] = {
    "a pipe": pipe,
    "a socket": line,
    "a folder": lambda path: path.mkdir(),
    "a device without end": lambda path: path.symlink_to("/dev/zero"),
    "a device of random bytes": lambda path: path.symlink_to("/dev/urandom"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to nothing": lambda path: path.symlink_to("gone"),
    "ten gigabytes of nothing": sparse,
}
ENDS: Final = {"text": ".csv", "GTiff": ".tif", "GPKG": ".gpkg", "pack": ".yaml"}
READERS: Final = {"text": "cameras", "GTiff": "ground", "GPKG": "buildings", "pack": "pack"}


def _placed(name: str, put: Callable[[Path], object]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        put(folder / name)
        return folder / name

    return make


NAMES: Final = {
    "escape sequences": "\x1b[2J\x1b]0;owned\x07.csv",
    "from right to left": "a\u202evsc.csv",
    "a line break": "a\nb.csv",
    "bytes that are no text": os.fsdecode(b"\xff\xfe.csv"),
    "255 bytes": "n" * 251 + ".csv",
    "an option": "--help.csv",
    "a format": "%s%(file)s{0}${HOME}`id`.csv",
    "a driver of GDAL": "CSV:secret.csv",
    "a file of the network": "vsicurl.csv",
}
POINTERS: Final = {
    "VRT": '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>SECRET</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>",
    "WFS": f"<OGRWFSDataSource><URL>{ADDRESS}</URL></OGRWFSDataSource>",
    "WMS": f'<GDAL_WMS><Service name="TMS"><ServerUrl>{ADDRESS}</ServerUrl></Service></GDAL_WMS>',
    "OGC API": f"<OGROAPIFDataSource><URL>{ADDRESS}</URL></OGROAPIFDataSource>",
    "CSW": f"<OGRCSWDataSource><URL>{ADDRESS}</URL></OGRCSWDataSource>",
    "HTML": f'<html><body><img src="{ADDRESS}"><table><tr><td>camera_id</td></tr></table></body>',
    "MHTML": f"MIME-Version: 1.0\r\nContent-Location: {ADDRESS}\r\n\r\n",
    "SpreadsheetML": f'<?xml version="1.0"?><Workbook><Worksheet ss:HRef="{ADDRESS}"/></Workbook>',
}
UNDER: Final = ("a.geojson", "a.tif", "a.csv")

CASES: Final = (
    *(
        Case(kind, f"in its place {name}", READERS[kind], _placed(f"a{end}", put))
        for kind, end in ENDS.items()
        for name, put in KINDS.items()
    ),
    *(
        Case("text", f"a name with {said}", "cameras",
             _placed(name, lambda path: path.write_text(CSV, encoding="utf-8")))
        for said, name in NAMES.items()
    ),
    *(
        Case(kind, f"called {name}", "ground" if name == "a.tif" else "cameras"
             if name == "a.csv" else "buildings", pointing(name, content))
        for kind, content in POINTERS.items()
        for name in UNDER
    ),
)  # fmt: skip
