"""Headers and winds in six further languages, and words that a mapping file teaches."""

from __future__ import annotations

import pytest

from civicsight.core.errors import InputError
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.directions import read_direction
from civicsight.io.tables.inventory import CAMERA_SCHEMA, ENTRANCE_SCHEMA, read_cameras
from civicsight.io.tables.lexicon import abbreviations, lexicons, plain, winds
from civicsight.io.tables.mapping_file import read_mapping
from civicsight.io.tables.synonyms import match_headers, normal
from civicsight.io.vectors.attributes import BUILDING_SCHEMA
from civicsight.model.inputs import POSITION

TABLES = {
    "zh_hant": ("攝影機編號,經度,緯度,架設高度,攝影方向,機型", "東北", "半球型", 45),
    "de": ("Kameranummer,Längengrad,Breitengrad,Montagehöhe,Blickrichtung,Bauart", "SO",
           "Kuppelkamera", 135),
    "fr": ("identifiant,longitude,latitude,hauteur de pose,orientation,type de caméra", "SO",
           "dôme", 225),
    "es": ("identificador,longitud,latitud,altura de montaje,orientación,tipo de cámara", "NNO",
           "domo", 337.5),
    "ja": ("カメラ番号,経度,緯度,設置高さ,撮影方向,カメラ種別", "南南西", "ドーム型", 202.5),
    "ko": ("관리번호,경도,위도,설치높이,촬영방향,카메라유형", "남동쪽", "돔형", 135),
}  # fmt: skip


def read(tmp_path, header, *rows, declared=None):
    path = tmp_path / "c.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return read_cameras(path, **({} if declared is None else {"declared": declared}))


@pytest.mark.parametrize("language", TABLES)
def test_an_inventory_in_its_own_language_is_read(tmp_path, language):
    header, wind, kind, degrees = TABLES[language]
    table, report = read(tmp_path, header, f"c1,9.15,48.75,4.5,{wind},{kind}")
    row = table.iloc[0]
    assert (table.index[0], row["height_m"], row["kind"]) == ("c1", 4.5, "dome")
    assert row["azimuth_deg"] == pytest.approx(degrees, abs=3), "grid north is near true north"
    assert not any("without a meaning" in str(note) for note in report.notes)


def test_an_abbreviation_is_read_only_in_its_language():
    """O is east in German and west in French; no language, no direction."""
    for header, degrees in (("de", 90.0), ("fr", 270.0), ("es", 270.0)):
        found = TABLES[header][0].split(",")
        assert read_direction("O", abbreviations(tuple(found))).azimuths == (degrees,)
        assert plain("N.N.O") in abbreviations(tuple(found))
    assert read_direction("O").state == "unreadable"
    assert read_direction("Nordost").azimuths == read_direction("北東").azimuths == (45.0,)


def test_every_line_of_a_language_names_a_column_or_a_value():
    schemas = {"cameras": CAMERA_SCHEMA, "entrances": ENTRANCE_SCHEMA, "buildings": BUILDING_SCHEMA}
    known = {name: set(schema.table.headers) for name, schema in schemas.items()}
    for name, schema in schemas.items():
        known[name] |= {column.name for column in schema.extra}
    known["place"] = {column.name for column in POSITION}
    known["values"] = {
        f"{column.name}.{value}" for column in CAMERA_SCHEMA.columns for value in column.choices
    }
    for lexicon in lexicons():
        for section, lines in lexicon.sections.items():
            if section not in ("winds", "abbreviations"):
                assert lines.keys() <= known[section], (lexicon.language, section)


def test_storeys_are_read_in_the_words_of_each_language():
    """Their column has a colon in its name, at which a line of a language does not end."""
    for word in ("Vollgeschosse", "étages", "plantas", "地上階数", "지상층수", "樓層數"):
        assert match_headers([word], BUILDING_SCHEMA.headers) == {"building:levels": word}


def test_no_wind_means_two_things():
    said = [
        (normal(word), float(degrees))
        for lexicon in lexicons()
        for degrees, words in lexicon.sections.get("winds", {}).items()
        for word in words
    ]
    assert len(dict(said)) == len(set(said))
    assert len(winds()) > 90


@pytest.mark.parametrize("lexicon", lexicons(), ids=lambda entry: entry.language)
def test_every_header_of_a_language_is_found_for_its_meaning(lexicon):
    for section in ("place", "cameras", "records"):
        for meaning, words in lexicon.sections.get(section, {}).items():
            for word in words:
                assert match_headers([word], CAMERA_SCHEMA.all_headers).get(meaning) == word


def test_a_mapping_teaches_words_for_numbers(tmp_path):
    header = "id,lon,lat,azimuth"
    with pytest.raises(InputError):
        read(tmp_path, header, "c1,9.15,48.75,NNO")
    file = tmp_path / "m.yaml"
    file.write_text("words:\n  azimuth_deg: {NNO: 22.5, zum Tor: 90}\n", encoding="utf-8")
    mapping = read_mapping(file)
    assert mapping.words == {"azimuth_deg": {"22.5": ("NNO",), "90": ("zum Tor",)}}
    table, _ = read(tmp_path, header, "c1,9.15,48.75,NNO", "c2,9.15,48.75,zum Tor",
                    declared=Declared(mapping=mapping))  # fmt: skip
    assert table["azimuth_deg"].tolist() == pytest.approx([22.5, 90], abs=3)
    wrong = ColumnMapping(words={"azimuth_deg": {"9999": ("NNO",)}})
    with pytest.raises(InputError, match=r"mapping\.word"):
        read(tmp_path, header, "c1,9.15,48.75,NNO", declared=Declared(mapping=wrong))
