"""The grid of data quality as a layer for QGIS, in the looks of the page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pyogrio

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_
from civicsight.core.i18n import translate
from civicsight.io.qgis_forms import add_styles, both
from civicsight.maps.quality_map import CLASS_LABELS, CLASS_STYLES, class_of
from civicsight.report.geopackage import names_of
from civicsight.report.qml import Style, write_qml
from civicsight.report.quality.cells import THEMES
from civicsight.report.quality.words import THEME_LABELS

TITLE = N_("Where the data are thin")


def write_cells(path: Path, cells: gpd.GeoDataFrame, *, notice: Mapping[str, str]) -> None:
    """Write the grid as layer ``cells`` of a GeoPackage, with a look for each theme.

    Parameters
    ----------
    path
        The ``.gpkg`` file.
    cells
        From `make_cells`; each theme also gets a column ``class_*``, by which it is coloured.
    notice
        Kept as metadata of the file.
    """
    classed = {f"class_{theme}": class_of(cells[f"share_{theme}"]) for theme in THEMES}
    frame = cells.assign(**classed).reset_index()
    with written_whole(path) as scratch:
        pyogrio.write_dataframe(
            frame,
            scratch,
            layer="cells",
            driver="GPKG",
            geometry_type="Polygon",
            layer_options={"IDENTIFIER": translate(TITLE, "zh_CN")},
            layer_metadata=dict(notice),
            dataset_metadata=dict(notice),
        )
        names = names_of(frame)
        add_styles(
            scratch, [("cells", both(THEME_LABELS[theme]), _look(theme, names)) for theme in THEMES]
        )


def _look(theme: str, names: Mapping[str, str]) -> str:
    style = Style("fill", CLASS_STYLES, f"class_{theme}", CLASS_LABELS)
    return write_qml(style, names=names)
