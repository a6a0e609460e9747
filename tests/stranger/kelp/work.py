"""What reads, counts and draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import geopandas as gpd
import shapely
import streamlit as st
import typer

from civicsight.io.vectors.shapes import FoundLayer

if TYPE_CHECKING:
    from pathlib import Path

    from civicsight.ui.frame import Visit


def read(file: Path, *_: object) -> FoundLayer:
    """Read lines of id, lon, lat and kelp [mm]."""
    rows = [line.split() for line in file.read_text("utf-8").splitlines()[1:]]
    table = {"camera_id": [row[0] for row in rows], "kelp": [row[3] for row in rows]}
    places = shapely.points([[float(row[1]), float(row[2])] for row in rows])
    return FoundLayer(gpd.GeoDataFrame(table, geometry=places, crs=4326))


def count(ctx: typer.Context, names: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Count names."""
    ctx.obj.show_json({"kelp": len(names or ())})


def render(visit: Visit) -> None:
    """Draw the page."""
    st.write(f"kelp: {len(visit.project.city.cameras)}")
