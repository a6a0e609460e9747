"""Bad inputs: catalogues of GB/T 28181 platforms, and what XML can do to a reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from civicsight.io.catalogue.reader import read_catalogue
from tests.bad_input.case import Case, Outcome
from tests.catalogue_made import answer, camera

COMMAND = ("import", "{input}", "--as", "catalogue", "--out", "{out}")
BOMB = '<!DOCTYPE Response [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE Response [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


def file_of(text: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "catalogue.xml"
        path.write_bytes(text.encode("gb18030"))
        return path

    return make


def case(
    number: int, title: str, text: str, code: str, *says: str, outcome: Outcome = "refused"
) -> Case:
    return Case(
        number, title, file_of(text), read_catalogue, COMMAND, outcome, code,
        ("catalogue.xml", *says),
    )  # fmt: skip


def with_id(device: str) -> str:
    return answer([camera(1), camera(2, DeviceID=device)])


CASES: tuple[Case, ...] = (
    case(10, "id of nineteen digits", with_id("3601030000132000001"), "catalogue.id",
         "DeviceID", "3601030000132000001", outcome="rows"),
    case(10, "id of twenty-one digits", with_id("360103000013200000011"), "catalogue.id",
         "DeviceID", "360103000013200000011", outcome="rows"),
    case(10, "id with a letter", with_id("3601030000132000000A"), "catalogue.id",
         "DeviceID", "3601030000132000000A", outcome="rows"),
    case(10, "id of no province", with_id("99010300001320000001"), "catalogue.id",
         "DeviceID", "99010300001320000001", outcome="rows"),
    case(10, "id that stands for two cameras", answer([camera(1), camera(1, Name="x")]),
         "catalogue.repeated_id", "36010300001320000001", outcome="rows"),
    case(43, "catalogue with an entity bomb",
         BOMB + answer([camera(Name="&b;")], declaration=False), "xml.doctype"),
    case(42, "catalogue that asks for a file",
         OUTSIDE + answer([camera(Name="&a;")], declaration=False), "xml.doctype"),
    case(43, "catalogue with elements a hundred deep",
         answer([camera()]).replace("</DeviceList>", "<a>" * 99 + "</a>" * 99 + "</DeviceList>"),
         "xml.depth"),
    case(43, "catalogue with a huge attribute",
         answer([camera()]).replace("<Password>", f'<Password a="{"x" * 30_000}">'),
         "xml.attribute"),
    case(53, "catalogue that ends too early", answer([camera()])[:-30], "xml.cut_off"),
    case(6, "catalogue in another encoding than it declares",
         answer([camera()], encoding="UTF-8"), "xml.encoding", "UTF-8"),
)  # fmt: skip
