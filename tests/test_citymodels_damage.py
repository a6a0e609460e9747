"""City models in odd units, with broken rings, or damaged: read right, or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import CRS

from civicsight.core.errors import InputError
from civicsight.io.citymodels.citygml import read_citygml
from civicsight.io.citymodels.cityjson import read_cityjson
from civicsight.io.citymodels.model import prisms_of
from civicsight.io.citymodels.reader import is_citymodel, read_citymodel
from civicsight.io.source_options import Declared
from civicsight.model import BUILDINGS
from tests.drawn import LONGER
from tests.test_citymodels import DECLARED, METRIC, PLATEAU, block, cityjson, codes, saved, surface

CORPUS = Path(__file__).parent / "corpus" / "citymodels"


GML = """<?xml version="1.0" encoding="UTF-8"?>
<CityModel xmlns="http://www.opengis.net/citygml/2.0" xmlns:gml="http://www.opengis.net/gml"
 xmlns:bldg="http://www.opengis.net/citygml/building/2.0">
<gml:boundedBy><gml:Envelope srsName="EPSG:4549" srsDimension="3"/></gml:boundedBy>
<cityObjectMember><bldg:Building gml:id="a"><bldg:measuredHeight>9</bldg:measuredHeight>
<bldg:lod1Solid><gml:Solid><gml:exterior><gml:CompositeSurface>
<gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>
480000 3170000 5 480010 3170000 5 480010 3170010 5 480000 3170010 5 480000 3170000 5
</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember>
<gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing>
<gml:pos>480000 3170000 14</gml:pos><gml:pos>480010 3170000 14</gml:pos>
<gml:pos>480010 3170010 14</gml:pos><gml:pos>480000 3170000 14</gml:pos>
</gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember>
</gml:CompositeSurface></gml:exterior></gml:Solid></bldg:lod1Solid></bldg:Building>
</cityObjectMember><cityObjectMember><Road/></cityObjectMember></CityModel>
"""


CITYGML = """<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0"
 xmlns:gml="http://www.opengis.net/gml" xmlns:bldg="http://www.opengis.net/citygml/building/2.0">
<gml:boundedBy><gml:Envelope srsName="EPSG:4549" srsDimension="3"/></gml:boundedBy>
<core:cityObjectMember><bldg:Building gml:id="b">%s</bldg:Building></core:cityObjectMember>
</core:CityModel>"""
SQUARE = [(0, 0), (10, 0), (10, 10), (5, 10), (0, 10), (0, 0)]


def positions(corners, z=None, attributes=""):
    """Return the corners of a ring near Suzhou, of two dimensions without `z`."""
    rest = "" if z is None else f" {z}"
    text = " ".join(f"{556_823 + x} {3_463_294 + y}{rest}" for x, y in corners)
    return f"<gml:posList{attributes}>{text}</gml:posList>"


def around(positions, side="exterior"):
    return f"<gml:{side}><gml:LinearRing>{positions}</gml:LinearRing></gml:{side}>"


def curve(positions, piece="LineString"):
    return (
        f"<gml:exterior><gml:Ring><gml:curveMember><gml:{piece}>{positions}</gml:{piece}>"
        "</gml:curveMember></gml:Ring></gml:exterior>"
    )


class TestUnitsAndRings:
    def gml(self, folder, inner):
        return read_citymodel(saved(folder, CITYGML % inner, "model.gml"), crs=METRIC)[0]

    def test_a_ring_of_two_dimensions_in_a_model_of_three(self, tmp_path):
        ring = around(positions(SQUARE, attributes=' srsDimension="2"'))
        table = self.gml(tmp_path, surface("lod0FootPrint", ring))
        assert table.area.iloc[0] == pytest.approx(100, rel=1e-3)

    def test_a_measured_height_in_feet(self, tmp_path):
        height = '<bldg:measuredHeight uom="urn:ogc:def:uom:UCUM::[ft_i]">40</bldg:measuredHeight>'
        foot = surface("lod0FootPrint", around(positions(SQUARE, 0)))
        assert self.gml(tmp_path, height + foot)["height_m"].iloc[0] == pytest.approx(12.192)
        plain = height.replace("urn:ogc:def:uom:UCUM::[ft_i]", "#m")
        assert self.gml(tmp_path, plain + foot)["height_m"].iloc[0] == 40

    def test_attributes_are_listed_as_read_or_as_not_read(self, tmp_path):
        said = (
            "<bldg:measuredHeight>9</bldg:measuredHeight><bldg:roofColour>red</bldg:roofColour>"
            '<gml:stringAttribute name="wards"><gml:value>12</gml:value></gml:stringAttribute>'
        )
        foot = surface("lod0FootPrint", around(positions(SQUARE, 0)))
        _, report = read_citymodel(saved(tmp_path, CITYGML % (said + foot), "m.gml"), crs=METRIC)
        notes = [str(note) for note in report.notes]
        assert "columns understood: measuredHeight = height" in notes
        assert "columns not read: roofColour, wards" in notes

    def test_a_ring_of_curve_members_is_the_outer_one(self, tmp_path):
        hole = around(positions([(2, 2), (4, 2), (4, 4), (2, 2)], 5), "interior")
        roof = around(positions(SQUARE, 20))
        table = self.gml(tmp_path, surface("lod1MultiSurface", curve(positions(SQUARE, 5)), roof))
        assert table["height_m"].tolist() == [15.0]
        holed = surface("lod0FootPrint", curve(positions(SQUARE, 5)) + hole)
        assert self.gml(tmp_path, holed).area.iloc[0] == pytest.approx(98, rel=1e-3)

    def test_an_arc_is_refused_and_not_cut_short(self, tmp_path):
        bent = surface("lod0FootPrint", curve(positions(SQUARE, 5), "Arc"))
        with pytest.raises(InputError) as caught:
            self.gml(tmp_path, bent)
        assert [fault.code for fault in caught.value.faults] == ["citymodel.geometry"]

    @pytest.mark.parametrize("named", [True, False])
    def test_a_model_in_feet_has_its_heights_in_feet(self, tmp_path, named):
        """New York: EPSG:2263 is in feet of the survey and names no unit of height."""
        objects = {"a": ("Building", "2", *block(0, 0, 100, 100, 10, 110), {})}
        document = cityjson(objects, crs="EPSG:2263" if named else None)
        document["transform"]["translate"] = [983_000.0, 199_000.0, 0.0]
        declared = Declared() if named else Declared(crs=CRS.from_epsg(2263))
        table, report = read_citymodel(saved(tmp_path, document), declared=declared)
        assert table["height_m"].iloc[0] == pytest.approx(30.48, abs=1e-3)
        assert any("unit of the coordinate system: 0.304801 m" in str(n) for n in report.notes)


class TestDamage:
    def test_a_block_by_hand(self, tmp_path):
        table, report = read_citymodel(saved(tmp_path, GML, "a.gml"), crs=METRIC)
        assert table.loc["a", "height_m"] == 9.0
        assert (table.area.iloc[0], report.count("excluded.other")) == (pytest.approx(100), 1)

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ('<?xml version="1.0" encoding="UTF-8"?>',
             '<!DOCTYPE CityModel [<!ENTITY x SYSTEM "file:///etc/hostname">]>', "xml.doctype"),
            ("</CityModel>", "", "xml.cut_off"),
            ("480010 3170010 5", "480010 three 5", "citymodel.geometry"),
            ("480010 3170010 5", "480010 5", "citymodel.geometry"),
            ("480010 3170010 5", "1e400 3170010 5", "citymodel.geometry"),
            ('srsName="EPSG:4549"', "", "crs.missing"),
            ("<gml:Solid>", '<gml:Solid srsName="EPSG:4548">', "crs.mixed"),
            ("lod1Solid", "lod9Solid", "citymodel.empty"),
            ("<gml:pos>", "<a>" * 99 + "<gml:pos>", "xml.depth"),
        ],
    )  # fmt: skip
    def test_gml(self, tmp_path, old, new, code):
        assert codes(saved(tmp_path, GML.replace(old, new), "a.gml")) == [code]

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            (lambda d: d.update(version="9.0"), "citymodel.version"),
            (lambda d: d.update(vertices=[[0, 0]]), "citymodel.geometry"),
            (lambda d: d.update(transform={"scale": 1}), "citymodel.geometry"),
            (lambda d: d["CityObjects"]["a"]["geometry"][0]["boundaries"][0][0].append(99),
             "citymodel.geometry"),
            (lambda d: d["CityObjects"]["a"]["geometry"][0]["boundaries"][0][0].append(-1),
             "citymodel.geometry"),
            (lambda d: d["CityObjects"]["a"]["geometry"][0]["semantics"].update(values=[0]),
             "citymodel.geometry"),
            (lambda d: d["CityObjects"]["a"].update(geometry=[]), "citymodel.empty"),
            (lambda d: d.update(CityObjects={}), "citymodel.empty"),
            (lambda d: d.update(CityObjects=[]), "citymodel.geometry"),
            (lambda d: d["CityObjects"]["a"].update(geometry=3), "citymodel.geometry"),
        ],
    )  # fmt: skip
    def test_json(self, tmp_path, change, code):
        document = cityjson({"a": ("Building", "2", *block(0, 0, 9, 9, 0, 9), {})}, crs=None)
        change(document)
        assert codes(saved(tmp_path, document), declared=DECLARED) == [code]

    def test_a_broken_building_can_be_left_out(self, tmp_path):
        shape = block(0, 0, 9, 9, 0, 9)
        objects = {n: ("Building", "2", *shape, {}) for n in ("good", "bad")}
        document = cityjson(objects, crs=None)
        document["CityObjects"]["bad"]["geometry"][0]["boundaries"] = [[[0, 1]]]
        path = saved(tmp_path, document)
        assert codes(path, declared=DECLARED) == ["citymodel.geometry"]
        table, report = read_citymodel(path, declared=DECLARED, keep_good=True)
        assert (list(table.index), report.rejected[0].where) == (["good"], "bad")

    @pytest.mark.parametrize(
        "text", ["[" * 100_000 + '"CityJSON"', '{"type":"CityJSON", NaN', '{"CityObjects": NaN}']
    )
    def test_json_that_is_none(self, tmp_path, text):
        path = saved(tmp_path, text)
        assert codes(path)[0] in {"json.malformed", "citymodel.format"}
        nested = saved(tmp_path, '{"type":"CityJSON","x":' + "[" * 100_000)
        assert codes(nested) == ["json.malformed"]

    def test_what_is_a_city_model(self, tmp_path, test_data):
        assert is_citymodel(saved(tmp_path, GML, "a.txt"))
        assert not is_citymodel(saved(tmp_path, '{"type":"FeatureCollection"}'))
        assert not is_citymodel(test_data("citymodels") / "tudcampus_footprints.geojson")

    def survives(self, path):
        try:
            table, report = read_citymodel(path, declared=DECLARED, keep_good=True)
        except InputError as error:
            faults = error.faults
        else:
            BUILDINGS.check(table)
            faults = report.rejected
        assert all(fault.code and str(fault.expected) for fault in faults)

    values = st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(), st.text(max_size=3)),
        lambda inner: st.one_of(st.lists(inner, max_size=3),
                                st.dictionaries(st.text(max_size=3), inner, max_size=3)),
        max_leaves=6,
    )  # fmt: skip

    def test_what_was_found_before(self):
        for path in sorted(CORPUS.iterdir()):
            self.survives(path)

    places = st.lists(st.integers(0, 9), min_size=1, max_size=8)

    @settings(max_examples=60 * LONGER)
    @given(places, values)
    @example([0], float("nan"))
    def test_any_value_anywhere_in_json(self, tmp_path_factory, place, value):
        shape = block(0, 0, 9, 9, 0, 9)
        document = cityjson({n: ("Building", "2", *shape, {}) for n in "ab"}, crs=None)
        spot = document
        for step in place[:-1]:
            keys = list(spot) if isinstance(spot, dict) else range(len(spot))
            inner = spot[keys[step % len(keys)]] if len(keys) else None
            if not isinstance(inner, dict | list) or not inner:
                break
            spot = inner
        keys = list(spot) if isinstance(spot, dict) else range(len(spot))
        spot[keys[place[-1] % len(keys)]] = value
        self.survives(saved(tmp_path_factory.mktemp("x"), document))

    @settings(max_examples=60 * LONGER)
    @given(st.integers(0, len(GML)), st.binary(max_size=4))
    def test_any_damage_to_gml(self, tmp_path_factory, at, raw):
        whole = GML.encode()
        path = tmp_path_factory.mktemp("x") / "a.gml"
        path.write_bytes(whole[:at] + raw + whole[at + len(raw) :])
        self.survives(path)


def test_readers_hand_out_faces_of_the_best_level(test_data):
    model = read_citygml(test_data("citymodels") / PLATEAU)
    assert {body.level for body in model.bodies} == {2.0}
    assert set(model.bodies[0].lods) == {0.0, 1.0, 2.0}
    assert model.encoding == "UTF-8"
    delft = read_cityjson(test_data("citymodels") / "delft.city.json")
    assert all(len(prisms_of(body)) == 1 for body in delft.bodies)
