"""City models: every sample against a recount of its own, made cases by hand, and any damage."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter

import numpy as np
import pytest
import shapely
from pyproj import CRS
from shapely.geometry import box

from civicsight.core.errors import InputError
from civicsight.io.citymodels.model import read_system
from civicsight.io.citymodels.reader import read_citymodel
from civicsight.io.source_options import Declared
from civicsight.model import BUILDINGS

DUTCH = Declared(crs=CRS.from_epsg(28992))
PLATEAU = "日本語パス/53392642_bldg_6697_op2.gml"
METRIC = CRS.from_epsg(4549)
DECLARED = Declared(crs=METRIC)


def codes(path, **options):
    with pytest.raises(InputError) as caught:
        read_citymodel(path, **options)
    return [fault.code for fault in caught.value.faults]


def rings_of(boundaries):
    """Return all rings of nested boundaries."""
    if boundaries and isinstance(boundaries[0], int):
        return [boundaries]
    return [ring for inner in boundaries for ring in rings_of(inner)]


def recount_json(document):
    """Return top and foot of every object with geometry, above sea level."""
    scale, shift = (np.array(document["transform"][k]) for k in ("scale", "translate"))
    z = np.array(document["vertices"])[:, 2] * scale[2] + shift[2]
    spans = {}
    for name, value in document["CityObjects"].items():
        if value["type"] in ("Building", "BuildingPart") and value.get("geometry"):
            used = {i for g in value["geometry"] for r in rings_of(g["boundaries"]) for i in r}
            spans[name] = (z[list(used)].min(), z[list(used)].max())
    return spans


def recount_gml(path, surfaces):
    """Return lowest and highest corner of the surfaces of every building, by plain text search."""
    spans = {}
    text = path.read_text(encoding="utf-8")
    for name, inside in re.findall(
        r'<bldg:Building gml:id="([^"]+)">(.*?)</bldg:Building>', text, flags=re.DOTALL
    ):
        held = re.findall(rf"<{surfaces}>(.*?)</{surfaces}>", inside, flags=re.DOTALL)
        lists = re.findall(r"<gml:posList>([^<]*)<", "".join(held))
        z = np.array([float(v) for numbers in lists for v in numbers.split()[2::3]])
        spans[name] = (z.min(), z.max())
    return spans


def tops_and_feet(table):
    """Return foot and top above sea level by building, as the table's tags have them."""
    spans = {}
    for label, tags in zip(table.index, table["tags"], strict=True):
        name = label.split("/")[0].split("#")[0]
        foot, top = float(tags["foot_above_sea_m"]), float(tags["top_above_sea_m"])
        old = spans.get(name, (foot, top))
        spans[name] = (min(foot, old[0]), max(top, old[1]))
    return spans


def agree(ours, theirs, tolerance=0.011):
    assert ours.keys() == theirs.keys()
    for name, span in theirs.items():
        assert ours[name] == pytest.approx(span, abs=tolerance), name


class TestSamples:
    @pytest.mark.parametrize(
        ("name", "crs", "bodies", "bare", "declared"),
        [
            ("DH_01_subs.city.json", 28992, 12, 3, DUTCH),
            ("rotterdam_subset.city.json", 28992, 16, 0, DUTCH),
            ("zurich_subset_lod2.city.json", 2056, 210, 49, Declared()),
            ("delft.city.json", 28992, 160, 0, Declared()),
        ],
    )
    def test_cityjson(self, test_data, name, crs, bodies, bare, declared):
        path = test_data("citymodels") / name
        document = json.loads(path.read_text(encoding="utf-8"))
        table, report = read_citymodel(path, declared=declared)
        BUILDINGS.check(table)
        own = report.read - report.count("excluded.other")
        assert (own, report.count("excluded.bare"), report.unnamed) == (bodies, bare, 0)
        assert f"EPSG:{crs}" in report.crs_found
        assert not report.rejected
        assert not table["height_assumed"].any()
        agree(tops_and_feet(table), recount_json(document))
        others = Counter(v["type"] for v in document["CityObjects"].values())
        left = sum(n for kind, n in others.items() if not kind.startswith("Building"))
        assert report.count("excluded.other") == left
        # On flat feet the height is top less foot; a part that stands on another counts from below.
        rise = [float(t["top_above_sea_m"]) - float(t["foot_above_sea_m"]) for t in table["tags"]]
        on_ground = table["base_m"].to_numpy() == 0
        assert table["height_m"].to_numpy()[on_ground] == pytest.approx(
            np.array(rise)[on_ground], abs=0.011
        )

    def test_heights_of_delft_are_those_that_the_survey_measured(self, test_data):
        """Blocks there end at the height above sea level that the attribute gives."""
        path = test_data("citymodels") / "delft.city.json"
        objects = json.loads(path.read_text(encoding="utf-8"))["CityObjects"]
        table, _ = read_citymodel(path)
        for label, row in table.iterrows():
            said = objects[label]["attributes"]
            assert float(row["tags"]["top_above_sea_m"]) == pytest.approx(
                said["measuredHeight"], abs=0.02
            )
            assert row["height_m"] == pytest.approx(
                said["measuredHeight"] - said["min-height-surface"], abs=0.03
            )

    def test_ridge_and_eaves_of_the_hague_are_those_of_its_attributes(self, test_data):
        path = test_data("citymodels") / "DH_01_subs.city.json"
        objects = json.loads(path.read_text(encoding="utf-8"))["CityObjects"]
        table, report = read_citymodel(path, declared=DUTCH)
        for label, row in table.iterrows():
            said = objects[label]["attributes"]
            assert row["height_m"] == pytest.approx(said["RelativeRidgeHeight"], abs=0.01)
            drop = said["RelativeRidgeHeight"] - said["RelativeEavesHeight"]
            assert float(row["tags"]["roof_m"]) == pytest.approx(drop, abs=0.02)
        note = next(str(n) for n in report.notes if "ridge" in str(n))
        assert "3 of them" in note
        assert "3.4 m at most" in note

    @pytest.mark.parametrize("name", ["DH_01_subs.city.json", "rotterdam_subset.city.json",
                                      "lod2_buildings.city.jsonl"])  # fmt: skip
    def test_a_missing_crs_is_never_guessed(self, test_data, name):
        assert codes(test_data("citymodels") / name) == ["crs.missing"]

    def test_citygml_1(self, test_data):
        path = test_data("citymodels") / "berlin_open_data_sample.citygml"
        table, report = read_citymodel(path)
        BUILDINGS.check(table)
        assert (report.read, report.rejected) == (61, ())
        assert "EPSG:25833" in report.crs_found
        agree(tops_and_feet(table), recount_gml(path, "bldg:lod2MultiSurface"), tolerance=0.02)
        low_x, low_y, high_x, high_y = 390477.9, 5819214.1, 390703.1, 5819552.7
        assert table.crs.to_epsg() == 32633
        assert box(low_x, low_y, high_x, high_y).buffer(0.5).covers(table.union_all())

    def test_the_ground_of_berlin_is_covered_once(self, test_data):
        path = test_data("citymodels") / "berlin_open_data_sample.citygml"
        shapes = []
        for surface in ET.parse(path).getroot().iter():  # noqa: S314 - a known file
            if surface.tag.endswith("}GroundSurface"):
                shell, *holes = (
                    np.array(ring.text.split(), float).reshape(-1, 3)[:, :2]
                    for ring in surface.iter("{http://www.opengis.net/gml}posList")
                )
                shapes.append(shapely.Polygon(shell, holes))
        area = shapely.union_all(shapely.buffer(shapes, 0)).area
        table, _ = read_citymodel(path)
        assert table.union_all().area == pytest.approx(area, rel=0.01)

    def test_plateau_with_latitude_first_under_a_japanese_path(self, test_data):
        path = test_data("citymodels") / PLATEAU
        table, report = read_citymodel(path)
        BUILDINGS.check(table)
        assert (report.read, report.count("objects.building")) == (8, 8)
        agree(tops_and_feet(table), recount_gml(path, "bldg:lod2MultiSurface"), tolerance=0.02)
        degrees = table.to_crs(4326).total_bounds
        assert degrees == pytest.approx([139.77492, 35.53821, 139.77926, 35.54192], abs=2e-5)

    def test_measured_heights_of_plateau_are_those_of_the_faces(self, test_data):
        _, report = read_citymodel(test_data("citymodels") / PLATEAU)
        assert report.count("measured_apart") == 0

    @pytest.mark.parametrize("kind", ["gml", "jsonl"])
    def test_the_same_hundred_houses_in_two_formats(self, test_data, tmp_path, kind):
        """They stand beside the origin of their CRS: moved to a real place, they read alike."""
        folder = test_data("citymodels")
        path = tmp_path / f"moved.{kind}"
        if kind == "jsonl":
            text = (folder / "lod2_buildings.city.jsonl").read_text(encoding="utf-8")
            text = re.sub(r'"translate": ?\[0\.0, ?0\.0, ?0\.0\]',
                          '"translate": [25000.0, 20000.0, 50.0]', text)  # fmt: skip
        else:
            text = (folder / "lod2_buildings_citygml3.gml").read_text(encoding="utf-8")

            def move(found):
                xyz = np.array(found[2].split(), float).reshape(-1, 3) + np.array(
                    [20000, 25000, 50]
                )
                return found[1] + " ".join(map(str, xyz.ravel())) + "<"

            text = re.sub(r"(<gml:posList[^>]*>)([^<]*)<", move, text)
        path.write_text(text, encoding="utf-8")
        declared = Declared(crs=CRS.from_epsg(3068)) if kind == "jsonl" else Declared()
        table, report = read_citymodel(path, declared=declared)
        assert (len(table), report.count("objects.building")) == (100, 100)
        assert set(table["height_m"].round(2)) == {round(h, 2) for h in table["height_m"]}
        assert table.area.to_numpy() == pytest.approx(48.0, rel=0.01)
        first = table[table["name"] == "Testcase-0-0_LoD2"] if kind == "jsonl" else table.iloc[:1]
        assert first["height_m"].iloc[0] == 11.0
        assert float(first["tags"].iloc[0]["roof_m"]) == 6.0

    def test_houses_beside_the_origin_are_refused_as_degrees(self, test_data):
        assert codes(test_data("citymodels") / "lod2_buildings_citygml3.gml") == ["crs.degrees"]


def block(x, y, w, d, low, high, *, roof=None):
    """Return vertices and faces of a box, with one roof face or the given ones."""
    corners = [(x, y), (x + w, y), (x + w, y + d), (x, y + d)]
    vertices = [(*c, low) for c in corners] + [(*c, high) for c in corners]
    faces = [("GroundSurface", [3, 2, 1, 0])]
    faces += [("WallSurface", [i, (i + 1) % 4, (i + 1) % 4 + 4, i + 4]) for i in range(4)]
    return vertices, [*faces, *(roof or [("RoofSurface", [4, 5, 6, 7])])]


def cityjson(objects, *, version="2.0", crs="https://www.opengis.net/def/crs/EPSG/0/4549", **more):
    """Return a document of objects ``name: (type, lod, vertices, faces, more)``."""
    vertices, out = [], {}
    for name, (kind, lod, corners, faces, extra) in objects.items():
        at = len(vertices)
        vertices += [[round(v * 1000) for v in corner] for corner in corners]
        kinds = sorted({face for face, _ in faces})
        geometry = {
            "type": "MultiSurface",
            "lod": lod,
            "boundaries": [[[i + at for i in ring]] for _, ring in faces],
        }
        if kinds != [""]:
            values = [kinds.index(face) for face, _ in faces]
            geometry["semantics"] = {"surfaces": [{"type": k} for k in kinds], "values": values}
        out[name] = {"type": kind, "geometry": [geometry], **extra}
    return {
        "type": "CityJSON",
        "version": version,
        "CityObjects": out,
        "transform": {"scale": [0.001] * 3, "translate": [480_000.0, 3_170_000.0, 0.0]},
        "metadata": {"referenceSystem": crs} if crs else {},
        "vertices": vertices,
        **more,
    }


def saved(folder, document, name="model.city.json"):
    path = folder / name
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


class TestMade:
    def read(self, folder, objects, **more):
        return read_citymodel(saved(folder, cityjson(objects, crs=None, **more)), crs=METRIC,
                              declared=DECLARED)  # fmt: skip

    def test_heights_count_from_the_ground_at_the_foot(self, tmp_path):
        table, _ = self.read(tmp_path, {"a": ("Building", "2", *block(0, 0, 10, 8, 31, 43.5), {})})
        assert table.loc["a", ["height_m", "base_m"]].tolist() == [12.5, 0.0]
        assert table.area.iloc[0] == pytest.approx(80)

    def test_roofs_of_two_heights_are_two_prisms(self, tmp_path):
        vertices, faces = block(0, 0, 10, 8, 0, 20)
        vertices += [(10, 0, 6), (16, 0, 6), (16, 8, 6), (10, 8, 6)]
        vertices += [(10, 0, 0), (16, 0, 0), (16, 8, 0), (10, 8, 0)]
        faces += [("RoofSurface", [8, 9, 10, 11]), ("GroundSurface", [15, 14, 13, 12])]
        table, report = self.read(tmp_path, {"a": ("Building", "2", vertices, faces, {})})
        assert sorted(zip(table["height_m"], table.area.round(3), strict=True)) == [
            (6.0, 48.0), (20.0, 80.0)
        ]  # fmt: skip
        assert report.count("pitched") == 0

    def test_a_gable_is_one_prism_to_its_ridge_and_says_so(self, tmp_path):
        vertices, _ = block(0, 0, 10, 8, 0, 5)
        vertices += [(0, 4, 9), (10, 4, 9)]
        roof = [("RoofSurface", [4, 5, 9, 8]), ("RoofSurface", [6, 7, 8, 9])]
        _, faces = block(0, 0, 10, 8, 0, 5, roof=roof)
        table, report = self.read(tmp_path, {"a": ("Building", "2", vertices, faces, {})})
        assert table[["height_m"]].to_numpy().ravel().tolist() == [9.0]
        assert any("4.0 m in the median and 4.0 m at most" in str(n) for n in report.notes)

    def test_what_reaches_out_hangs_over_open_ground(self, tmp_path):
        vertices, _ = block(0, 0, 10, 8, 0, 12)
        vertices += [(10, 0, 5), (14, 0, 5), (14, 8, 5), (10, 8, 5), (14, 0, 12), (14, 8, 12)]
        _, faces = block(0, 0, 10, 8, 0, 12, roof=[("RoofSurface", [4, 12, 13, 7])])
        faces += [("OuterCeilingSurface", [8, 11, 10, 9])]
        table, _ = self.read(tmp_path, {"a": ("Building", "2", vertices, faces, {})})
        rows = table[["height_m", "base_m"]].assign(area=table.area.round(3)).to_numpy().tolist()
        assert sorted(rows, key=lambda row: row[1]) == [[12, 0, 80], [12, 5, 32]]

    def test_a_tower_on_a_podium_stands_on_its_ground(self, tmp_path):
        objects = {
            "house": ("Building", "2", [], [], {"children": ["podium", "tower"]}),
            "podium": ("BuildingPart", "2", *block(0, 0, 40, 40, 10, 16), {"parents": ["house"]}),
            "tower": ("BuildingPart", "2", *block(10, 10, 9, 9, 16, 70), {"parents": ["house"]}),
            "hill": ("BuildingPart", "2", *block(60, 0, 9, 9, 14, 20), {"parents": ["house"]}),
        }
        objects["house"] = ("Building", "2", [], [], {"geometry": []})
        table, report = self.read(tmp_path, objects)
        assert table.loc["tower", ["height_m", "base_m"]].tolist() == [60.0, 6.0]
        assert table.loc["hill", ["height_m", "base_m"]].tolist() == [6.0, 0.0]
        assert report.count("excluded.bare") == 1

    def test_blocks_and_outlines(self, tmp_path):
        corners, faces = block(0, 0, 10, 10, 2, 8)
        plain = [("", ring) for _, ring in faces]
        flat = [(20, 0, 2), (30, 0, 2), (30, 9, 2), (20, 9, 2)]
        outline = [("", [0, 1, 2, 3])]
        objects = {
            "block": ("Building", "1", corners, plain, {}),
            "measured": ("Building", "0", flat, outline, {"attributes": {"measuredHeight": 7.5}}),
            "storeys": ("Building", "0", [(x + 20, y, z) for x, y, z in flat], outline,
                        {"attributes": {"storeysAboveGround": 4}}),
            "silent": ("Building", "0", [(x + 40, y, z) for x, y, z in flat], outline, {}),
        }  # fmt: skip
        table, _ = self.read(tmp_path, objects)
        assert table["height_m"].to_dict() == {
            "block": 6.0, "measured": 7.5, "storeys": 12.0, "silent": 12.0
        }  # fmt: skip
        assert table["height_assumed"].to_dict()["silent"]
        assert table["height_source"].to_dict()["storeys"] == "levels"

    def test_attributes_are_listed_as_read_or_as_not_read(self, tmp_path):
        said = {"measuredHeight": 7.5, "function": "hospital", "roofColour": "red", "wards": 12}
        objects = {"a": ("Building", "2", *block(0, 0, 10, 8, 0, 5), {"attributes": said})}
        _, report = self.read(tmp_path, objects)
        notes = [str(note) for note in report.notes]
        assert "columns understood: measuredHeight = height, function = kind" in notes
        assert "columns not read: roofColour, wards" in notes

    @pytest.mark.parametrize("version", ["1.0", "1.1", "2.0"])
    def test_versions(self, tmp_path, version):
        objects = {"a": ("Building", 2, *block(0, 0, 10, 8, 0, 5), {})}
        table, _ = self.read(tmp_path, objects, version=version)
        assert len(table) == 1

    def test_register_order_of_axes(self, tmp_path):
        """EPSG:4549 has north first: the file that names it by address says so too."""
        vertices, faces = block(0, 0, 10, 8, 0, 5)
        turned = [(y, x, z) for x, y, z in vertices]
        document = cityjson({"a": ("Building", "2", turned, faces, {})})
        document["transform"]["translate"] = [3_170_000.0, 480_000.0, 0.0]
        table, _ = read_citymodel(saved(tmp_path, document), crs=METRIC)
        assert table.total_bounds == pytest.approx([480_000, 3_170_000, 480_010, 3_170_008])

    @pytest.mark.parametrize(
        ("text", "epsg", "north"),
        [("EPSG:4549", 4549, False), ("urn:ogc:def:crs:EPSG::4549", 4549, True),
         ("urn:ogc:def:crs:EPSG::25832", 25832, False),
         ("http://www.opengis.net/def/crs/EPSG/0/7415", 28992, False),
         ("urn:ogc:def:crs,crs:EPSG:6.12:3068,crs:EPSG:6.12:5783", 3068, True),
         ("urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH", 25832, False)],
    )  # fmt: skip
    def test_names_of_systems(self, text, epsg, north):
        system = read_system(text, "x")
        assert (system.crs.to_epsg(), system.north_first) == (epsg, north)

    @pytest.mark.parametrize("text", ["EPSG:999999", "Berlin", "urn:ogc:def:crs:OGC:1.3:CRS84"])
    def test_names_of_no_system(self, tmp_path, text):
        objects = {"a": ("Building", "2", *block(0, 0, 9, 9, 0, 9), {})}
        assert codes(saved(tmp_path, cityjson(objects, crs=text))) == ["crs.unknown"]


def surface(level, *polygons):
    held = "".join(
        f"<gml:surfaceMember><gml:Polygon>{rings}</gml:Polygon></gml:surfaceMember>"
        for rings in polygons
    )
    return f"<bldg:{level}><gml:MultiSurface>{held}</gml:MultiSurface></bldg:{level}>"
