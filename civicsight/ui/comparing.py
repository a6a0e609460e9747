"""The table of places of two versions: how each stands before and after, and what that costs."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import streamlit as st

from civicsight.core.errors import N_
from civicsight.core.figure import keyed
from civicsight.coverage.result import STATES
from civicsight.maps.live import drawn_layer, flight_to, live_group
from civicsight.presentation.lexicon import number
from civicsight.presentation.names import Names
from civicsight.presentation.symbols import PLACED_STYLE
from civicsight.ui.elements import choose, pick_row
from civicsight.ui.frame import Visit
from civicsight.ui.mapview import project_names

HEIGHT: Final = 330
WIDTHS: Final = (150, 90, 90, 55, 55, 130)
AROUND_M: Final = 60.0
"""So much around a place is shown [m]."""

SEVERAL: Final = 2
"""A choice among fewer than these is none."""


def list_places(visit: Visit, places: pd.DataFrame | None, *, since_today: bool) -> dict[str, Any]:
    """Draw the places of two versions, and return what the map shows of the selected one.

    Parameters
    ----------
    visit
        Who looks.
    places
        From `comparing_places.compare_places`.
    since_today
        Whether the version before is what stands, so that what differs is what the plan changes.

    Returns
    -------
    dict
        As `live_group` makes it.
    """
    if places is None:
        text = N_("How places stand is not open to you, or one of the versions does not tell it.")
        st.info(visit.translate(text))
        return live_group()
    names = project_names(visit.project.digest, visit.project.result, visit.language)
    prefix = "" if since_today else "compared."
    own = _filtered(visit, places, names)
    money = own["cost_after"] - own["cost_before"]
    counted = {
        "count": ("places.changed", own["changed"].sum()),
        "all": ("places.compared", len(own)),
        "closed": ("gaps.closed", own["closed"].sum()),
        "opened": ("gaps.opened", own["opened"].sum()),
    }
    is_whole = len(own) == len(places)  # of a list that is narrowed, what is in it
    values = {
        name: keyed(prefix + key, number(int(count))) if is_whole else number(int(count))
        for name, (key, count) in counted.items()
    }
    text = N_(
        "%(count)s of %(all)s places changed. Gaps closed: %(closed)s, opened: %(opened)s.",
        **values,
    )
    st.text(visit.translate(text))
    differs = own["changed"] | money.fillna(0.0).ne(0.0)
    if not st.toggle(visit.translate(N_("Also places where nothing differs")), key="compare.all"):
        own = own[differs]
    own = own.sort_values(["opened", "closed", "zone_id"], ascending=[False, False, True])
    picked = _table(visit, own, names, f"{prefix}place.")
    return live_group() if picked is None else _marked(visit, own.iloc[picked], names)


def _filtered(visit: Visit, places: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Return the places of the class and district that are asked for."""
    pairs = places[["pack", "item"]].dropna().drop_duplicates().sort_values(["pack", "item"])
    classes = {
        f"{row.pack} {row.item}": names.class_of(row.pack, row.item) for row in pairs.itertuples()
    }
    districts = sorted({name for name in places["district"].dropna() if name})
    with st.container(horizontal=True):
        if len(classes) >= SEVERAL:
            every = N_("All items of the law's list")
            chosen = choose(visit, N_("Item of the law's list"), classes, every, "compare.class")
            if chosen:
                places = places[(places["pack"] + " " + places["item"]).eq(chosen)]
        if len(districts) >= SEVERAL:
            named = dict(zip(districts, districts, strict=True))
            chosen = choose(visit, N_("District"), named, N_("All districts"), "compare.district")
            if chosen:
                places = places[places["district"].eq(chosen)]
    return places


def _table(visit: Visit, own: pd.DataFrame, names: Names, prefix: str) -> int | None:
    """Draw the rows, and return the number of the one that is selected."""
    if own.empty:
        st.text(visit.translate(N_("No place stands otherwise.")))
        return None
    headings = [N_("Name of the place"), N_("Before"), N_("After"), N_("Closed"), N_("Opened")]
    columns: list[Any] = [
        [_name(row, names) for row in own.itertuples()],
        *(
            [
                " · ".join(_row_of(f"{prefix}{label}", row, f"{when}_{state}") for state in STATES)
                for label, row in own.iterrows()
            ]
            for when in ("before", "after")
        ),
        *(
            [_row_of(f"{prefix}{label}", row, name) for label, row in own.iterrows()]
            for name in ("closed", "opened")
        ),
    ]
    costs = own[["cost_before", "cost_after"]]
    if costs.notna().any(axis=None):
        headings.append(N_("Works that differ [yuan]"))
        columns.append([" → ".join(map(number, pair)) for pair in costs.to_numpy(np.float64)])
    text = N_(
        "Before and after, gates and key parts: covered for sure · only if an assumption "
        "holds · not covered · not judged."
    )
    st.text(visit.translate(text))
    widths = dict(zip(map(visit.translate, headings), WIDTHS, strict=False))
    return pick_row(list(zip(*columns, strict=True)), widths, "compare.places", height=HEIGHT)


def _row_of(key: str, row: pd.Series, name: str) -> str:
    """Return a count of the parts of a place, as of `figures.count_places`."""
    return keyed(f"{key}.{name}", number(int(row[name])))


def _name(row: Any, names: Names) -> str:
    """Return what a place is called, also one that a version has drawn."""
    drawn = row.name if isinstance(row.name, str) else ""
    return names.zones.get(str(row.Index), drawn or str(row.Index))


def _marked(visit: Visit, row: pd.Series, names: Names) -> dict[str, Any]:
    """Return what marks a place on the map and brings the map there."""
    shape = row["geometry"]
    if shape is None or pd.isna(shape):
        return live_group()
    crs, label = visit.project.city.crs, str(row.name)
    spot = gpd.GeoSeries([shape], index=[label], crs=crs)
    drawn = str(row["name"]) if isinstance(row["name"], str) else label
    layer = drawn_layer("place", spot, [names.zones.get(label, drawn)], PLACED_STYLE)
    fly = {**flight_to(spot.buffer(AROUND_M)), "n": label}
    return live_group(selected=("zones", label), fly=fly, layers=[layer])
