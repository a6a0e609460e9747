"""Layers made to do harm: no request, no secret, no crash; anything is a result or a refusal."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civicsight.core.bounded.wkb import flaw_of
from civicsight.core.errors import CrsError, InputError
from civicsight.io.file_formats import sniff
from civicsight.io.vectors import archive, files, geojson
from civicsight.io.vectors.footprints import read_buildings
from civicsight.io.vectors.vector import read_vector
from tests.bad_input import made_layers as made
from tests.drawn import LONGER

CORPUS = Path(__file__).resolve().parent / "corpus" / "geojson"
"""What the fuzzing found, one file each; every one is read again below."""


@pytest.fixture
def recorder():
    """Yield the address of a local server and the list of what asked it for something."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    link, _ = server.accept()
                    link.settimeout(0.2)
                    with link, contextlib.suppress(OSError):
                        asked.append(link.recv(200) or b"?")

        worker = threading.Thread(target=listen)
        worker.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
        stop.set()
        worker.join()


def flatgeobuf_and_vrt(address: str) -> bytes:
    """Return the mark of FlatGeobuf and a VRT in one file: GDAL looks for both."""
    text = f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/vsicurl/{address}/a.geojson'
    return b"fgb\x03fgb\x01" + f"{text}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>".encode()


def attempts(address: str) -> dict[str, bytes]:
    """Return content by name of files that lead to an address."""
    link = {"type": "link", "properties": {"href": f"{address}/crs"}}
    vrt = made.VRT.replace("SECRET", f"/vsicurl/{address}/a.geojson").encode()
    return {
        "vrt.geojson": vrt,
        "vrt.kml": vrt,
        "vrt.shp": vrt,
        "polyglot.fgb": flatgeobuf_and_vrt(address),
        "wfs.xml": f"<OGRWFSDataSource><URL>{address}</URL></OGRWFSDataSource>".encode(),
        "linked.geojson": made.collection(crs=link).encode(),
        "named.geojson": made.collection(
            crs={"type": "name", "properties": {"name": f"{address}/crs"}}
        ).encode(),
        "link.kml": f"<kml><NetworkLink><Link><href>{address}</href></Link></NetworkLink></kml>"
        .encode(),
        "schema.gml": f'<gml:a xmlns:gml="http://www.opengis.net/gml" s="{address}"/>'.encode(),
    }  # fmt: skip


def test_nothing_asks_the_network_for_anything(tmp_path, recorder):
    address, asked = recorder
    for name, content in attempts(address).items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError):
            read_vector(tmp_path / name)
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as out:
            out.writestr(name, content)
        with pytest.raises(InputError):
            read_vector(tmp_path / f"{name}.zip")
    for path in (f"{address}/a.fgb", f"/vsicurl/{address}/a.fgb", f"/vsizip/vsicurl/{address}/a"):
        with pytest.raises(InputError):
            read_vector(path)
    assert asked == []


def test_the_recorder_records(recorder):
    address, asked = recorder
    port = int(address.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.sendall(b"GET /")
        link.shutdown(socket.SHUT_WR)
        link.recv(1)
    assert asked == [b"GET /"]


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.shp", "a.kml", "a.zip", "a.fgb"])
def test_no_message_holds_what_a_file_points_to(tmp_path, name):
    path = made.pointing(made.VRT, name)(tmp_path)
    with pytest.raises(InputError) as caught:
        read_vector(path)
    assert made.CANARY not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_many_comments_do_not_keep_the_reader_busy(tmp_path):
    (tmp_path / "a.osm").write_bytes(b"<!---->" * 9_000 + b"<x>")
    assert sniff(tmp_path / "a.osm") == ""


@given(st.binary(max_size=120))
def test_any_bytes_are_walked(data):
    flaw = flaw_of(data)
    if flaw is None:
        shapely.from_wkb(data, on_invalid="ignore")


KINDS = st.sampled_from(
    ["POINT (1 2)", "POINT EMPTY", "LINESTRING (0 0, 1 1)", "POLYGON ((0 0, 1 0, 1 1, 0 0))",
     "MULTIPOINT (0 0, 1 1)", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
     "GEOMETRYCOLLECTION (POINT (1 2), GEOMETRYCOLLECTION (LINESTRING (0 0, 1 1)))",
     "GEOMETRYCOLLECTION EMPTY", "POINT Z (1 2 3)", "POLYGON Z ((0 0 1, 1 0 1, 1 1 1, 0 0 1))"]
)  # fmt: skip


@given(KINDS, st.booleans(), st.sampled_from(["extended", "iso", "srid"]))
def test_sound_geometries_pass(text, little, flavor):
    shape = shapely.set_srid(shapely.from_wkt(text), 4326)
    with_srid, form = flavor == "srid", "iso" if flavor == "iso" else "extended"
    data = shapely.to_wkb(shape, byte_order=int(little), flavor=form, include_srid=with_srid)
    assert flaw_of(data) is None
    assert flaw_of(data[:-1]) is not None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (made.nested(5), "wkb.depth"),
        (made.nested(100_000), "wkb.depth"),
        (struct.pack("<BII", 1, 6, 1) * 100_000, "wkb.damaged"),  # areas of areas of areas
        (made.endless_line(), "wkb.damaged"),
        (struct.pack("<BII", 1, 7, 2**31), "wkb.damaged"),
        (made.curve(), "wkb.curve"),
        (b"", "wkb.damaged"),
        (b"\x07", "wkb.damaged"),
    ],
)
def test_what_native_code_must_not_see(data, code):
    assert flaw_of(data).code == code


@pytest.mark.slow
def test_a_nested_layer_leaves_the_process_alive(tmp_path):
    """The same bytes end a process that hands them to GEOS as they are."""
    paths = [
        made.parquet(made.nested(100_000))(tmp_path),
        made.geopackage(made.with_row(made.nested(100_000)))(tmp_path),
    ]
    code = (
        "import sys\n"
        "from civicsight.io.vectors.vector import read_vector\n"
        "for path in sys.argv[1:]:\n"
        "    print(read_vector(path).faults[0].code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, paths)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).resolve().parent.parent,
    )  # fmt: skip
    assert done.stdout.split() == ["wkb.depth"] * 2


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = made.shapes()(tmp_path)
    real = geojson.read_geojson

    def read_and_append(file, *options):
        found = real(file, *options)
        file.write_text(file.read_text() + "\n")
        return found

    monkeypatch.setattr(geojson, "read_geojson", read_and_append)
    with pytest.raises(InputError) as caught:
        read_vector(path)
    assert caught.value.faults[0].code == "file.changed"


def test_a_file_that_goes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = made.shapes()(tmp_path)

    def gone(file, *_):
        file.unlink()
        raise FileNotFoundError(2, "gone", str(file))

    monkeypatch.setattr(geojson, "read_geojson", gone)
    with pytest.raises(InputError) as caught:
        read_vector(path)
    assert caught.value.faults[0].code == "file.changed"
    assert str(tmp_path) not in str(caught.value)


def test_a_file_without_the_right_to_read_it_is_named(tmp_path, monkeypatch):
    path = made.shapes()(tmp_path)

    def closed(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", closed)
    with pytest.raises(InputError) as caught:
        read_vector(path)
    assert caught.value.faults[0].code == "file.unreadable"


def test_copies_do_where_links_are_not_allowed(tmp_path, monkeypatch):
    path = made.shapefile()(tmp_path)

    def refuse(*_, **__):
        raise OSError(1314, "a privilege is missing")

    monkeypatch.setattr(files.Path, "symlink_to", refuse)
    assert len(read_vector(path).frame) == 2


def test_a_member_that_is_longer_than_it_says_is_refused(tmp_path, monkeypatch):
    path = made.archive(made.LAYER)(tmp_path)
    monkeypatch.setattr(archive, "PIECE", 10)
    with zipfile.ZipFile(path) as source:
        entry = source.infolist()[0]
        entry.file_size = 20
        with pytest.raises(zipfile.BadZipFile):
            archive._write(source, entry, tmp_path / "out")
    assert (tmp_path / "out").stat().st_size <= 20


def test_several_layers_in_an_archive_need_a_choice(tmp_path):
    path = made.archive(made.LAYER, ("more.geojson", made.collection().encode()))(tmp_path)
    with pytest.raises(InputError) as caught:
        read_vector(path)
    assert caught.value.faults[0].code == "archive.several"
    assert len(read_vector(path, layer="more").frame) == 2


def test_text_cut_in_the_middle_of_a_character_is_read(tmp_path):
    """A field of 80 bytes has no room for the second half of a Chinese character."""
    path = tmp_path / "a.shp"
    frame = made.table(("中" * 30, "b"))
    frame.to_file(path, encoding="utf-8")
    assert (tmp_path / "a.dbf").read_bytes().count("中".encode()) > 20
    names = read_vector(path).frame["name"].tolist()
    assert set(names[0]) == {"中"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
NUMBERS = st.floats(width=32) | st.integers(-(10**400), 10**400) | JSON
TYPES = ["Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"]
COORDINATES = st.recursive(
    st.lists(NUMBERS, max_size=4), lambda inner: st.lists(inner, max_size=5), max_leaves=12
)
GEOMETRY = st.fixed_dictionaries(
    {"type": st.sampled_from([*TYPES, "GeometryCollection"]) | JSON, "coordinates": COORDINATES}
)
KEYS = st.sampled_from(["height", "id", "name", "floors"]) | st.text(max_size=3)
FEATURE = st.fixed_dictionaries(
    {
        "type": st.just("Feature"),
        "geometry": GEOMETRY | JSON | st.just(made.home()),
        "properties": st.dictionaries(KEYS, JSON, max_size=3) | JSON,
    }
)
COLLECTION = st.fixed_dictionaries(
    {"type": st.just("FeatureCollection"), "features": st.lists(FEATURE | JSON, max_size=4)},
    optional={"crs": JSON},
)
DOCUMENT = (COLLECTION | FEATURE | JSON).map(json.dumps) | st.lists(FEATURE, max_size=3).map(
    lambda rows: "\n".join(map(json.dumps, rows))
)


def attempt(folder: Path, content: bytes) -> None:
    """Read content as a layer and as buildings: each a result, or a refusal that names the file."""
    path = folder / "a.geojson"
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        assert len(read_vector(path).frame) >= 1
    with contextlib.suppress(InputError, CrsError):
        read_buildings(path, keep_good=True)


QUICK = settings(
    max_examples=60 * LONGER,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@QUICK
@given(DOCUMENT | st.text(max_size=40))
def test_any_json_is_a_layer_or_a_refusal(tmp_path, text):
    attempt(tmp_path, text.encode("utf-8", "surrogatepass"))


@QUICK
@given(
    st.binary(max_size=60).map(lambda data: b'{"type": "FeatureCollection", "features": [' + data)
)
def test_any_bytes_are_a_layer_or_a_refusal(tmp_path, data):
    attempt(tmp_path, data)


@pytest.mark.slow
@settings(QUICK, max_examples=5_000, derandomize=False)
@given(DOCUMENT)
def test_any_json_is_a_layer_or_a_refusal_at_length(tmp_path, text):
    attempt(tmp_path, text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.geojson")), ids=lambda path: path.stem)
def test_what_was_found_stays_found(tmp_path, path):
    attempt(tmp_path, path.read_bytes())


def test_the_order_of_rows_is_that_of_the_file(tmp_path):
    frame = gpd.GeoDataFrame(
        {"n": np.arange(50)}, geometry=shapely.points(np.linspace(115, 116, 50), 28.5), crs=4326
    )
    for name in ("a.gpkg", "a.shp", "a.parquet"):
        path = tmp_path / name
        frame.to_parquet(path) if name.endswith("parquet") else frame.to_file(path)
        found = read_vector(path).frame
        assert found["n"].tolist() == list(range(50))
        assert shapely.equals_exact(
            found.geometry.to_numpy(), frame.geometry.to_numpy(), 1e-9
        ).all()
