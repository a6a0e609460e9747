"""Bad inputs: tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd

from civicsight.io import load_city, read_cameras, save_city
from civicsight.io.edits import compare
from civicsight.io.source_options import Declared
from civicsight.model import City, empty_tables
from tests.bad_input.case import Case, Outcome

IMPORT = ("import", "{input}", "--as", "cameras")
REFUSED = ("rows", "refused")
GOOD = "A1,东门,115.86,28.68\nA2,滕王阁西侧,115.861,28.681\n"
HEADER = "编号,名称,经度,纬度\n"


def bytes_of(content: bytes, name: str = "cameras.csv") -> Callable[[Path], Path]:
    """Return a function that writes these bytes into a folder."""

    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


def text_of(content: str, encoding: str = "utf-8") -> Callable[[Path], Path]:
    """Return a function that writes this text into a folder."""
    return bytes_of(content.encode(encoding))


def case(
    number: int,
    title: str,
    make: Callable[[Path], Path],
    outcome: Outcome,
    code: str = "",
    says: tuple[str, ...] = (),
    options: tuple[str, ...] = (),
    declared: Declared | None = None,
) -> Case:
    """Return a case of an inventory of cameras."""

    def call(path: Path) -> object:
        return read_cameras(path, declared=declared or Declared())

    target = ("--out", "{out}") if outcome in REFUSED else ("--dry-run",)
    return Case(number, title, make, call, (*IMPORT, *target, *options), outcome, code, says)


def city_of(cameras: gpd.GeoDataFrame) -> City:
    """Return a city with nothing but cameras."""
    tables = {**empty_tables(cameras.crs), "cameras": cameras}
    return City("first", cameras.crs, cameras.union_all().envelope, **tables)


def two_files(folder: Path) -> Path:
    """Write a project, and an inventory in which one of its cameras stands elsewhere."""
    first = text_of("id,lon,lat\nA1,115.86,28.68\nA2,115.861,28.68\n")(folder)
    save_city(city_of(read_cameras(first)[0]), folder / "second.csv.gpkg")
    second = folder / "second.csv"
    second.write_text("id,lon,lat\nA1,115.863,28.68\nA2,115.861,28.68\n", encoding="utf-8")
    return second


def compared(path: Path) -> object:
    """Compare the cameras of the two files."""
    project = load_city(path.parent / "second.csv.gpkg")
    return compare(project, city_of(read_cameras(path, crs=project.crs)[0]))


def ten_million_rows(folder: Path) -> Path:
    """Write a table that is small on disk and large in memory."""
    return bytes_of(b"id,lon,lat\n" + b"1,2\n" * 10_000_000)(folder)


def endless_line(folder: Path) -> Path:
    """Write a table with a line of four million characters."""
    return bytes_of(b"id,lon,lat\n" + b"1," * 2_100_000 + b"\n")(folder)


HOSTILE = (
    'id,name,lon,lat\n1,"=HYPERLINK(""http://x"",""a"")",115.86,28.68\n2,@SUM(1),115.861,28.68\n'
    '3,+1,115.862,28.68\n4,-2+3,115.863,28.68\n5,"\t=1",115.864,28.68\n'
)
FOUR_BYTES = HEADER + GOOD + "A3,\U00020bb7野,115.862,28.68\n"

CASES: tuple[Case, ...] = (
    case(1, "UTF-8", text_of(HEADER + GOOD), "read", says=("UTF-8",)),
    case(2, "UTF-8 with byte order mark", text_of(HEADER + GOOD, "utf-8-sig"), "read",
         says=("UTF-8 BOM", "camera_id = 编号")),
    case(3, "GBK", text_of(HEADER + GOOD, "gbk"), "read", says=("GB18030",)),
    case(4, "GB18030 of four bytes", text_of(FOUR_BYTES, "gb18030"), "read", says=("GB18030",)),
    case(5, "UTF-16 with mark", text_of(HEADER + GOOD, "utf-16"), "read", says=("UTF-16 LE",)),
    case(5, "UTF-16 big end first, without mark", text_of(HEADER + GOOD, "utf-16-be"), "read",
         says=("UTF-16 BE",)),
    case(6, "mixed encodings", bytes_of((HEADER + GOOD).encode() + "A3,八一桥,".encode("gbk")
         + b"115.86,28.68\n"), "refused", "csv.mixed_encodings", ("cameras.csv", "4", "0xb0")),
    case(7, "GBK declared as Latin-1", text_of(HEADER + GOOD, "gbk"), "refused", "csv.mojibake",
         ("cameras.csv",), ("--encoding", "latin-1"), Declared(encoding="latin-1")),
    case(7, "GBK saved as Latin letters",
         bytes_of((HEADER + GOOD).encode("gbk").decode("latin-1").encode()), "refused",
         "csv.mojibake", ("cameras.csv",)),
    case(7, "Korean, which GB18030 would take",
         text_of("번호,이름,경도,위도\n1,경기도 성남시 분당구,127.1,37.3\n", "cp949"), "refused",
         "csv.encoding", ("cameras.csv", "0x")),
    case(8, "NA, null and None as names",
         text_of("id,name,lon,lat\nNA,null,115.86,28.68\nNone,NA,115.861,28.68\n"), "read"),
    case(9, "codes that look like numbers",
         text_of("id,lon,lat\n0012,115.86,28.68\n1e5,115.861,28.68\n36010200001310000001,115.862,"
                 "28.68\n"), "read"),
    case(11, "ragged row", text_of(HEADER + GOOD + "A3,a,b,115.86,28.68\n"), "rows",
         "csv.ragged_row", ("cameras.csv", "4", "5")),
    case(12, "no column for the place", text_of("id,longtitude,latitde\n1,115.86,28.68\n"),
         "refused", "table.missing_column", ("longtitude ~ longitude",)),
    case(13, "a column name twice", text_of("id,lon,lat,lon\n1,115.86,28.68,1\n"), "refused",
         "csv.header", ("cameras.csv", "lon")),
    case(14, "header only", text_of(HEADER), "refused", "csv.empty", ("cameras.csv",)),
    case(15, "empty file", bytes_of(b""), "refused", "file.empty", ("cameras.csv", "0 bytes")),
    case(16, "full-width digits", text_of(HEADER + "A1,a,１１５．９,２８．６\n"), "read",
         says=("１１５．９",)),
    case(16, "full-width height", text_of(
         "id,lon,lat,height\nA1,115.86,28.68,４．５\n"), "read", says=("４．５", "4.5")),
    case(17, "decimal commas", text_of("id;lon;lat\nA1;115,86;28,68\nA2;115,861;28,681\n"),
         "read"),
    case(18, "degrees and minutes", text_of("id,lon,lat\nA1,115°54′E,28°41′N\n"), "read"),
    case(18, "minutes above sixty", text_of("id,lon,lat\nA1,115°64′E,28°41′N\n"), "rows",
         "place.number", ("cameras.csv", "2", "lon", "115°64′E")),
    case(19, "zero byte", bytes_of(b"id,lon,lat\n1,115.\x0086,28.68\n"), "refused", "csv.nul",
         ("cameras.csv", "2", "NUL")),
    case(19, "endless line", endless_line, "refused",
         "csv.long_line", ("cameras.csv", "2")),
    case(20, "quote that is never closed",
         text_of(HEADER + 'A1,"东门,115.86,28.68\nA2,b,115.86,28.68\n'), "refused", "csv.quote",
         ("cameras.csv", "2")),
    case(21, "an id twice", text_of("id,lon,lat\nA1,115.86,28.68\nA2,115.861,28.68\n"
         "A1,115.862,28.68\n"), "rows", "table.repeated_id", ("cameras.csv", "4", "2", "A1")),
    Case(22, "an id at two places in two files", two_files, compared,
         ("import", "{input}", "--as", "cameras", "--into", "{input}.gpkg"), "read",
         "", ("A1", "293")),
    case(23, "any line end", bytes_of(b"id,lon,lat\r\nA1,115.86,28.68\rA2,115.861,28.68\n"
         b"A3,115.862,28.68\r\n"), "read", says=("3",)),
    case(24, "ten million rows", ten_million_rows, "refused",
         "csv.too_many", ("cameras.csv", "10000001")),
    case(25, "formulas in cells", text_of(HOSTILE), "inert"),
)  # fmt: skip
