"""A region out of PostGIS: by window, in pieces, as the same rows in files."""

from __future__ import annotations

import pandas as pd
import pytest
from sqlalchemy import create_engine, text

from civicsight.core.errors import InputError
from civicsight.region.gather import import_region, origin_of_city
from civicsight.region.sources import Source, pieces_of_sources, source_of
from civicsight.store import spatial_tables
from civicsight.store.spatial_tables import pieces_of_table
from tests.postgres_made import HAS_DRIVER, WITH_POSTGIS, new_database, serving
from tests.region_made import EAST, NORTH, random_town
from tests.same import assert_same_table

WINDOW = (EAST + 100.0, NORTH + 100.0, EAST + 320.0, NORTH + 330.0)

pytestmark = pytest.mark.skipif(
    not (WITH_POSTGIS and HAS_DRIVER), reason="no server with PostGIS is installed"
)


@pytest.fixture(scope="module")
def town():
    return random_town(5, side_m=480.0, places=2, cameras=6)


def put(table, name, engine):
    """Write a table of the town with a geometry of PostGIS."""
    told = pd.DataFrame(table.drop(columns=["tags", "geometry"])).dropna(axis="columns", how="all")
    told.assign(wkb=table.geometry.to_wkb(hex=True)).to_sql(name, engine, index=True)
    with engine.begin() as connection:
        for statement in (
            f"ALTER TABLE {name} ADD COLUMN shape geometry(Geometry, 4548)",
            f"UPDATE {name} SET shape = ST_GeomFromWKB(decode(wkb, 'hex'), 4548)",  # noqa: S608
            f"ALTER TABLE {name} DROP COLUMN wkb",
        ):
            connection.execute(text(statement))


@pytest.fixture(scope="module")
def url(town):
    with serving(WITH_POSTGIS[-1]) as server:
        address = new_database(server, "county")
        engine = create_engine(address)
        with engine.begin() as connection:
            connection.execute(text("CREATE EXTENSION postgis"))
        for name in ("buildings", "cameras"):
            put(getattr(town, name), name, engine)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE bare (id int)"))
            connection.execute(text("CREATE SCHEMA spoilt"))
            connection.execute(text("CREATE TABLE spoilt.buildings AS TABLE buildings"))
            spoil = "UPDATE spoilt.buildings SET shape = NULL WHERE building_id = 'b0003'"
            connection.execute(text(spoil))
        engine.dispose()
        yield address.replace("+psycopg", "")


def test_rows_of_a_window_are_those_of_the_table(town, url, monkeypatch):
    monkeypatch.setattr(spatial_tables, "ROWS_AT_ONCE", 7)
    pieces = list(pieces_of_table(url, "public", "buildings", WINDOW))
    assert len(pieces) > 1
    west, south, east, north = WINDOW
    bounds = town.buildings.bounds
    met = bounds[
        (bounds["minx"] <= east) & (bounds["maxx"] >= west)
        & (bounds["miny"] <= north) & (bounds["maxy"] >= south)
    ]  # fmt: skip
    assert {label for piece in pieces for label in piece["building_id"]} == set(met.index)


def test_a_region_of_a_server_is_that_of_its_tables(town, url, tmp_path):
    sources = [Source(url, "buildings"), Source(url, "cameras")]
    region = import_region(pieces_of_sources(sources), origin_of_city(town, 200.0), tmp_path / "r")
    back = region.read_window((EAST - 1e4, NORTH - 1e4, EAST + 1e4, NORTH + 1e4))
    for name in ("buildings", "cameras"):
        want = getattr(town, name).assign(tags=None)
        assert_same_table(getattr(back, name), want, name)


def test_each_row_of_a_server_is_kept_or_the_whole_is_refused(town, url, tmp_path):
    sources = [Source(url, "buildings"), Source(url, "cameras")]
    read = sum(len(piece) for _, piece in pieces_of_sources(sources))
    region = import_region(pieces_of_sources(sources), origin_of_city(town, 200.0), tmp_path / "r")
    kept = sum(rows.rows for part in region.parts.values() for rows in part.layers.values())
    assert read == kept == len(town.buildings) + len(town.cameras)
    placeless = pieces_of_sources([Source(f"{url}?schema=spoilt", "buildings")])
    with pytest.raises(InputError, match="b0003"):
        import_region(placeless, origin_of_city(town, 200.0), tmp_path / "s")
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("table", ["nowhere", "bare"])
def test_a_table_without_one_geometry_is_refused(url, table):
    with pytest.raises(InputError, match="one column of geometries"):
        next(pieces_of_table(url, "public", table))


def test_a_server_that_is_not_there_is_said_in_words():
    with pytest.raises(InputError, match="a server that answers"):
        next(pieces_of_table("postgresql://nobody@127.0.0.1:1/none", "public", "buildings"))
    assert source_of("postgresql://a@b/c?schema=d") == Source("postgresql://a@b/c?schema=d")
