import geopandas as gpd
import pytest
from shapely.geometry import Point

from civicsight.core.errors import CrsError, InputError, SchemaError
from civicsight.model import ROADS, ZONES
from civicsight.rules import find_zones, load_packs, select_zones
from tests import town

RULES = load_packs()
NO_ROADS = town.roads()


def zones_of(roads=NO_ROADS, rules=RULES, **rows):
    return find_zones(town.places(**rows), roads, rules)


def items(zones):
    return sorted(zip(zones["item"], zones["place_id"], strict=True))


@pytest.mark.parametrize(
    ("tags", "item"),
    [
        ({"amenity": "townhall"}, "8.1"),
        ({"amenity": "studio", "studio": "radio"}, "8.1"),
        ({"railway": "station"}, "8.2a"),
        ({"amenity": "ferry_terminal"}, "8.2a"),
        ({"barrier": "toll_booth"}, "8.2b"),
        ({"power": "plant"}, "8.3"),
        ({"power": "substation", "voltage": "220000;10000"}, "8.3"),
        ({"amenity": "bank"}, "8.4"),
        ({"amenity": "kindergarten"}, "8.5"),
        ({"amenity": "internet_cafe"}, "8.5"),
        ({"tourism": "museum"}, "8.6"),
        ({"historic": "city_gate", "heritage": "2"}, "8.6"),
        ({"leisure": "park"}, "8.7"),
        ({"amenity": "fuel"}, "8.8"),
        ({"highway": "services"}, "8.11"),
        ({"amenity": "conference_centre"}, "8.11"),
    ],
)
def test_tags_name_the_class(tags, item):
    found = zones_of(a=(town.point(0, 0), tags))
    assert list(found["item"]) == [item]
    assert found["standing"].eq("candidate").all()
    ZONES.check(found)


@pytest.mark.parametrize(
    "tags",
    [
        {"amenity": "restaurant"},
        {"studio": "radio"},
        {"power": "substation", "voltage": "10000"},
        {"power": "substation"},
        {"amenity": "parking", "access": "private"},
        {"landuse": "residential"},
        {"historic": "memorial", "heritage": "4"},
        {"railway": "subway_entrance", "station": "subway"},
        {"amenity": "no"},
        {},
    ],
)
def test_other_tags_name_none(tags):
    assert zones_of(a=(town.rect(0, 0, 300, 300), tags)).empty


@pytest.mark.parametrize(
    ("column", "code", "item"),
    [
        ("amap", "130102", "8.1"),
        ("amap", "150200", "8.2a"),
        ("amap", "160139", "8.4"),
        ("amap", "141201", "8.5"),
        ("amap", "140100|110202", "8.6"),
        ("amap", "120302", "8.10"),
        ("industry", "8332", "8.5"),
        ("industry", "P8331", "8.5"),
        ("industry", "4411", "8.3"),
        ("industry", "5265", "8.8"),
        ("amap", "180301", "8.11"),
    ],
)
def test_codes_name_the_class(column, code, item):
    found = zones_of(a=(town.point(0, 0), {}, {column: code}))
    assert item in set(found["item"])


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("政府机构;公检法机构", "8.1"),
        ("交通设施;地铁站", "8.2a"),
        ("金融;银行", "8.4"),
        ("教育培训;中学", "8.5"),
        ("旅游景点;博物馆", "8.6"),
        ("购物;百货商场", "8.7"),
        ("交通设施;加油加气站", "8.8"),
        ("房地产;住宅区", "8.10"),
        ("休闲娱乐;KTV", "8.11"),
    ],
)
def test_classes_of_baidu_name_the_class(name, item):
    found = zones_of(a=(town.point(0, 0), {}, {"baidu": f"美食;中餐厅|{name}"}))
    assert items(found) == [(item, "a")]
    assert found["selector"].iloc[0].startswith("Baidu ")


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("baidu", "教育培训"),
        ("baidu", "教育培训;培训机构"),
        ("baidu", "中学"),
        ("baidu", "教育培训;中学附属"),
        ("amap", "1412021"),
        ("amap", "14120"),
        ("amap", "141207"),
        ("amap", "070900|071000"),
        ("industry", "8"),
        ("industry", "83345"),
        ("industry", "Z8334"),
        ("industry", "PP83"),
        ("industry", "9100"),
    ],
)
def test_what_no_pack_knows_selects_nothing(column, text):
    assert zones_of(a=(town.point(0, 0), {}, {column: text})).empty


@pytest.mark.parametrize("code", ["83", "8334", "P83", "P8334", "T85|P8334"])
def test_codes_of_industries_may_have_two_to_four_digits_and_a_letter(code):
    assert list(zones_of(a=(town.point(0, 0), {}, {"industry": code}))["item"]) == ["8.5"]


@pytest.mark.parametrize(
    "marks",
    [
        {"amap": "110205|140100"},
        {"amap": "141202|130409"},
        {"baidu": "旅游景点;寺庙|旅游景点;博物馆"},
        {"baidu": "教育培训;中学|政府机构;民主党派"},
        {"industry": "9542", "amap": "140100"},
        {"industry": "P8334|S932"},
    ],
)
def test_worship_and_politics_hide_a_place_whatever_else_it_is(marks):
    assert zones_of(a=(town.point(0, 0), {}, marks)).empty


def test_the_kind_that_a_register_says_finds_the_parts():
    found = zones_of(
        a=(town.point(0, 0), {}, {"item": "8.7", "kind": "square", "source": "register"}),
        b=(town.point(900, 0), {}, {"item": "8.7", "kind": "unheard", "source": "register"}),
    )
    assert dict(zip(found["place_id"], found["kind"], strict=True)) == {"a": "square", "b": ""}
    assert found["standing"].eq("designated").all()


@pytest.mark.parametrize("mark", [{"amap": "120100"}, {"baidu": "公司企业;厂矿"}])
def test_a_row_of_a_map_is_no_register_of_defence(mark):
    with pytest.raises(InputError) as caught:
        zones_of(a=(town.point(0, 0), {}, {"item": "8.9", "source": "poi.csv", **mark}))
    assert caught.value.faults[0].code == "register.designated_only"


def test_large_stays_open_for_units_of_an_industry_until_it_is_measured():
    """The size of an enterprise in statistics is not what the law calls large."""
    found = zones_of(
        mall=(town.point(0, 0), {"企业规模": "大型"}, {"industry": "F5211"}),
        store=(town.point(300, 0), {"企业规模": "大型"}, {"industry": "L7222"}),
        plant=(town.point(600, 0), {}, {"industry": "D4411"}),
        water=(town.point(900, 0), {}, {"industry": "D4610"}),
        park=(town.rect(0, 500, 200, 600), {}, {"industry": "N7850"}),
        big=(town.rect(500, 500, 800, 600), {}, {"industry": "N7850"}),
        named=(town.rect(900, 500, 920, 520), {}, {"item": "8.7", "industry": "N7850"}),
    )
    words = {
        row["place_id"]: [word["en"] for word in row["qualifiers"]] for _, row in found.iterrows()
    }
    assert words == {
        "store": ["large"],
        "plant": ["large"],
        "water": [],
        "park": [],
        "big": [],
        "named": [],
    }
    assert found.set_index("place_id")["standing"]["named"] == "designated"


def test_the_gates_of_amap_are_no_places():
    for code in ("150501", "150907", "991000", "991401"):
        assert zones_of(a=(town.point(0, 0), {}, {"amap": code})).empty


@pytest.mark.parametrize(
    ("tags", "other"),
    [
        ({"amenity": "place_of_worship", "historic": "yes", "heritage": "1"}, {}),
        ({"building": "mosque", "tourism": "attraction"}, {}),
        ({"tourism": "attraction"}, {"amap": "110200|110206"}),
        ({"amenity": "place_of_worship"}, {"item": "8.6", "source": "heritage list"}),
        ({"landuse": "military", "office": "government"}, {}),
        ({"military": "barracks", "amenity": "hospital"}, {}),
    ],
)
def test_worship_and_the_armed_forces_are_never_taken(tags, other):
    assert zones_of(a=(town.rect(0, 0, 200, 200), tags, other)).empty


def test_a_museum_in_what_was_a_monastery_is_a_museum():
    """What a building was put up for says nothing of what it is used for today."""
    found = zones_of(a=(town.point(0, 0), {"tourism": "museum", "historic": "monastery"}))
    assert list(found["item"]) == ["8.6"]


def test_a_school_that_a_church_runs_is_a_school():
    found = zones_of(a=(town.point(0, 0), {"amenity": "school", "religion": "any"}))
    assert list(found["item"]) == ["8.5"]


def test_a_map_never_settles_a_class_but_a_person_and_a_register_do():
    found = zones_of(
        a=(town.point(0, 0), {"amenity": "university"}),
        b=(town.point(500, 0), {"amenity": "university"}, {"standing": "confirmed"}),
        c=(town.point(900, 0), {}, {"item": "8.5", "source": "bureau"}),
        d=(town.point(1300, 0), {}, {"item": "8.5", "source": "bureau", "standing": "candidate"}),
    ).set_index("place_id")
    assert found["standing"].to_dict() == {
        "a": "candidate",
        "b": "confirmed",
        "c": "designated",
        "d": "candidate",
    }
    assert found.loc["a", "confidence"] == 0.95
    assert found.loc["c", "confidence"] == 1.0


def test_a_register_wins_over_every_mark():
    found = zones_of(
        a=(town.rect(0, 0, 9, 9), {"amenity": "school"}, {"item": "8.3", "source": "bureau"})
    )
    assert items(found) == [("8.3", "a")]


def test_a_register_takes_in_the_maps_drawing_and_its_outline():
    found = zones_of(
        way=(town.rect(0, 0, 100, 80), {"amenity": "school", "name": "No. 3 School"}),
        row=(town.point(40, 40), {"name": "No. 3 School"}, {"item": "8.5", "source": "bureau"}),
    )
    assert items(found) == [("8.5", "row")]
    assert found.iloc[0]["standing"] == "designated"
    assert found.iloc[0]["kind"] == "education"
    assert found.geometry.iloc[0].area == pytest.approx(8000)


@pytest.mark.parametrize(
    ("item", "source", "code"),
    [
        ("8.99", "bureau", "register.unknown_item"),
        ("8.2d", "bureau", "register.mobile_item"),
        ("8.9", "osm", "register.designated_only"),
        ("8.9", "amap", "register.designated_only"),
    ],
)
def test_a_register_cannot_name_what_has_no_place(item, source, code):
    with pytest.raises(InputError) as caught:
        zones_of(a=(town.point(0, 0), {}, {"item": item, "source": source}))
    fault = caught.value.faults[0]
    assert (fault.code, fault.where, fault.field, fault.found) == (code, "a", "item", item)


def test_defence_comes_from_its_own_register_and_stays_hidden():
    found = zones_of(a=(town.point(0, 0), {}, {"item": "8.9", "source": "defence bureau"}))
    assert list(found["secrecy"]) == ["designated_secret"]


def test_one_place_in_two_classes_is_two_zones():
    found = zones_of(a=(town.point(0, 0), {"amenity": "hospital"}, {"industry": "8431"}))
    assert items(found) == [("8.5", "a"), ("8.8", "a")]


def test_large_is_tested_where_the_data_have_a_measure_and_else_left_open():
    chosen = select_zones(
        town.places(
            large=(town.rect(0, 0, 200, 60), {"leisure": "park"}),
            small=(town.rect(0, 200, 50, 260), {"leisure": "park", "name": "Pocket"}),
            point=(town.point(900, 0), {"leisure": "park"}),
            hall=(town.point(1200, 0), {"leisure": "stadium", "capacity": "500"}),
            arena=(town.point(1500, 0), {"leisure": "stadium", "capacity": "12,000"}),
            shop=(town.rect(0, 400, 80, 480), {"shop": "mall"}),
            tower=(town.rect(0, 600, 80, 680), {"shop": "mall", "building:levels": "8"}),
            kiosk=(town.rect(0, 800, 30, 830), {"shop": "mall", "building:levels": "2"}),
        ),
        NO_ROADS,
        RULES,
    )
    found = chosen.zones.set_index("place_id")
    open_words = {key: [word["en"] for word in words] for key, words in found["qualifiers"].items()}
    assert open_words == {
        "large": [],
        "point": ["large"],
        "arena": [],
        "shop": ["large"],
        "tower": [],
    }
    left = chosen.left_out.set_index("place_id")
    assert set(left.index) == {"small", "hall", "kiosk"}
    assert left.loc["small", ["measure", "value", "at_least", "item"]].tolist() == [
        "area_m2",
        3000.0,
        10000.0,
        "8.7",
    ]
    assert left.loc["kiosk", "value"] == 1800


def test_what_is_left_out_as_small_does_not_come_back_through_the_other_law():
    found = zones_of(a=(town.rect(0, 0, 20, 20), {"leisure": "park"}))
    assert found.empty


def test_the_national_pack_alone_speaks_for_itself():
    found = zones_of(
        rules=load_packs(["cn-national-799"]), a=(town.rect(0, 0, 20, 20), {"leisure": "park"})
    )
    assert items(found) == [("7.2.1", "a")]


def test_an_included_class_keeps_the_parts_of_the_other_law():
    found = zones_of(a=(town.point(0, 0), {"highway": "services"}))
    row = found.iloc[0]
    assert (row["pack"], row["item"], row["via_pack"], row["via_item"]) == (
        "nanchang",
        "8.11",
        "cn-national-799",
        "7.2.4",
    )


def test_a_register_of_an_included_class_finds_its_parts():
    found = zones_of(
        a=(town.point(0, 0), {}, {"item": "8.11", "source": "bureau"}),
        b=(town.point(900, 0), {"highway": "services"}, {"item": "8.11", "source": "bureau"}),
    ).set_index("place_id")
    assert found["via_item"].to_dict() == {"a": "7.2.1", "b": "7.2.4"}


def test_order_of_rows_does_not_matter():
    rows = {
        "a": (town.rect(0, 0, 300, 300), {"amenity": "university", "name": "U"}),
        "b": (town.rect(10, 10, 40, 40), {"building": "university", "name": "Hall"}),
        "c": (town.point(20, 20), {"amenity": "bank", "name": "B"}),
        "d": (town.point(25, 20), {"amenity": "bank", "name": "B"}),
    }
    first = zones_of(**rows)
    second = zones_of(**dict(reversed(rows.items())))
    assert first.drop(columns="geometry").equals(second.drop(columns="geometry"))


def test_the_input_stays_as_it_was():
    places = town.places(a=(town.point(0, 0), {"amenity": "bank"}))
    before = places.copy(deep=True)
    find_zones(places, NO_ROADS, RULES)
    assert places.drop(columns="geometry").equals(before.drop(columns="geometry"))


def test_an_empty_city_has_no_zones():
    found = find_zones(town.places(), NO_ROADS, RULES)
    assert found.empty
    ZONES.check(found)
    assert found.crs == town.CRS


def test_tables_are_checked():
    places = town.places(a=(town.point(0, 0), {"amenity": "bank"}))
    with pytest.raises(CrsError, match="convert with to_crs"):
        find_zones(places, gpd.GeoDataFrame(ROADS.empty("EPSG:4547")), RULES)
    with pytest.raises(SchemaError, match="tags"):
        find_zones(places.drop(columns="tags"), NO_ROADS, RULES)
    degrees = gpd.GeoDataFrame({"tags": [{}]}, geometry=[Point(115, 28)], crs=4326)
    with pytest.raises(CrsError):
        find_zones(degrees, NO_ROADS, RULES)
