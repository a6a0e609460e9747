"""Drawings (DXF): shapes, blocks and texts as rows, with their layer and elevation.

A drawing has no CRS, and says its encoding in words that its writers do not keep to: since AutoCAD
2007 text is UTF-8, whatever the code page of its head.

References
----------
Autodesk, "DXF Reference": group 0 begins an entity, 8 is its layer; AC1021 is AutoCAD 2007.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import shapely

from civicsight.core.errors import N_, refuse
from civicsight.io.report import Count
from civicsight.io.signatures import BOM
from civicsight.io.source_options import Declared
from civicsight.io.vectors.files import pick_layer, staged
from civicsight.io.vectors.native import decoded, layer_of, read_gdal, refuse_empty
from civicsight.io.vectors.shapefile import codec_of, refuse_encoding, shown
from civicsight.io.vectors.shapes import FoundLayer, read_shapes

UNICODE: Final = "AC1021"
"""Version since which text is UTF-8."""

SPELT: Final = re.compile(r"\\U\+((?!D[89A-F])[0-9A-F]{4})", re.IGNORECASE)
"""A character that its code page lacks, by its number."""

VERSION: Final = re.compile(rb"\$ACADVER\s*\r?\n\s*1\s*\r?\n\s*(\w+)")
PAGE: Final = re.compile(rb"(\$DWGCODEPAGE\s*\r?\n\s*3\s*\r?\n)([^\r\n]*)")
ENTITIES: Final = re.compile(
    rb"\n[ \t]*2[ \t]*\r?\nENTITIES[ \t]*\r?\n(.*?)\n[ \t]*0[ \t]*\r?\nENDSEC", re.DOTALL
)
ENTITY: Final = re.compile(
    rb"(?:^|\n)[ \t]*0[ \t]*\r?\n[ \t]*([A-Z][A-Z0-9_]+|3D[A-Z]+)[ \t]*(?=\r?\n)"
)

REPEATED: Final = re.compile(rb"\n[ \t]*7[01][ \t]*\r?\n[ \t]*(\d{1,9})\b")
MAX_COPIES: Final = 1_000_000
"""Places of blocks in a drawing: a block may be repeated in rows and columns."""

PARTS: Final = frozenset({"VERTEX", "SEQEND", "ATTRIB"})
"""What belongs to the entity before it."""

SHAPES: Final = frozenset(
    {"POINT", "TEXT", "MTEXT", "LINE", "POLYLINE", "LWPOLYLINE", "CIRCLE", "ELLIPSE", "ARC",
     "SPLINE", "HELIX", "3DFACE", "INSERT", "DIMENSION", "HATCH", "SOLID", "TRACE", "LEADER",
     "MLEADER", "MULTILEADER", "ATTDEF"}
)  # fmt: skip
"""Entities that GDAL makes rows of."""

PAGES: Final = {
    "ANSI_936": "gb18030",
    "GB2312": "gb18030",
    "ANSI_950": "cp950",
    "ANSI_932": "cp932",
    "ANSI_949": "cp949",
}
"""Encoding by code page; others are numbered as Windows numbers them."""

RENAMED: Final = {
    "Layer": "layer",
    "Text": "text",
    "BlockName": "block",
    "BlockAngle": "block_angle",
}
KEPT: Final = ("Layer", "Text", "BlockName", "BlockAngle", "EntityHandle", "Linetype")


def read_drawing(file: Path, choice: str | None, declared: Declared) -> FoundLayer:
    """Read the entities of the model space of a drawing.

    Parameters
    ----------
    file
        DXF as text.
    choice
        Layer of the drawing; all of them by default.
    declared
        Encoding, where the drawing states a wrong one.

    Returns
    -------
    FoundLayer
        A row for each entity, with its `layer`, `text`, `elevation`, and for a block that stands
        somewhere its name, angle and attributes. What lies on the sheet, on other layers or has no
        outline is counted in `left`.

    Raises
    ------
    InputError
        If the drawing is damaged, its text is in another encoding than it says, or it has no such
        layer.
    """
    # GDAL gets the text in UTF-8, said to be Latin-1: every byte stays what it is.
    data = file.read_bytes()
    codec = _codec(data, declared.encoding)
    try:
        text = data.removeprefix(BOM).decode(codec)
    except UnicodeDecodeError as error:
        expected = N_("text in %(name)s", name=shown(codec))
        refuse_encoding(file.name, expected, f"byte {error.start}", "$DWGCODEPAGE")
    text = SPELT.sub(lambda found: chr(int(found[1], 16)), text)
    content = PAGE.sub(rb"\1ANSI_1252", text.encode("utf-8"))
    entities = _entities(content)
    # A block may be repeated in rows and columns more often than anything is drawn.
    copies = sum(
        math.prod(min(int(times[1]), MAX_COPIES) for times in REPEATED.finditer(inner))
        for name, inner in entities
        if name == "INSERT"
    )
    if copies > MAX_COPIES:
        expected = N_("at most %(limit)s rows", limit=MAX_COPIES)
        remedy = N_("Remove the rows and columns of the blocks that are repeated.")
        refuse("file.too_large", file.name, expected, remedy, found=f"{copies}", field="INSERT")
    with staged({"layer.dxf": content}) as folder:
        meta, table, blobs = read_gdal(
            folder / "layer.dxf", file, "DXF", layer="entities", INLINE_BLOCKS="NO"
        )
    table = decoded(table, "utf-8")
    on_sheet = table["PaperSpace"].fillna(0).astype(float).to_numpy() == 1
    names = [str(name) for name in table["Layer"].dropna().unique()]
    other = np.zeros(len(table), bool)
    if choice is not None and (choice in names or choice != file.stem):
        other = (table["Layer"] != pick_layer(file, names, names, choice)).to_numpy()
    kept = ~on_sheet & ~other
    rowless = sum(name not in SHAPES | PARTS for name, _ in entities)
    left = (
        Count(
            "excluded.entity", N_("solids, pictures and other things without an outline"), rowless
        ),
        Count("excluded.sheet", N_("on the sheet of a drawing, no place"), int(on_sheet.sum())),
        Count(
            "excluded.layer", N_("on other layers of the drawing"), int((other & ~on_sheet).sum())
        ),
    )
    shapes = read_shapes(blobs[kept], file.name, flat=False)
    rows = table[kept].reset_index(drop=True)
    if rows.empty:
        refuse_empty(file)
    flat = shapes._replace(geometry=shapely.force_2d(shapes.geometry), has_z=False)
    # What is told of entities beside their shapes, without columns that tell nothing.
    columns = pd.DataFrame({RENAMED.get(name, name): rows[name] for name in KEPT if name in rows})
    columns["block_angle"] = columns["block_angle"].astype(float).round(6)
    # The elevation is that of the first corner, NaN where there is none.
    xyz, of = shapely.get_coordinates(shapes.geometry, include_z=True, return_index=True)
    row, first = np.unique(of, return_index=True)
    columns["elevation"] = pd.Series(xyz[first, 2], index=row).reindex(columns.index)
    own = _attributes(rows)
    table = columns.join(own[own.columns.difference(columns.columns)]).dropna(axis=1, how="all")
    found = layer_of(table, flat, meta["crs"], (), shown(codec))
    return found._replace(left=left, is_drawing=True)


def _codec(data: bytes, declared: str | None) -> str:
    """Return the codec of the text: as declared, as its version or code page says."""
    if declared is not None:
        return codec_of(declared) or "utf-8"
    version, page = VERSION.search(data), PAGE.search(data)
    if data.isascii() or (version and version[1].decode("ascii", "replace") >= UNICODE):
        return "utf-8"
    named = page[2].decode("ascii", "replace").strip().upper() if page else ""
    return PAGES.get(named) or codec_of(named.replace("ANSI_", "cp")) or "utf-8"


def _entities(data: bytes) -> list[tuple[str, bytes]]:
    """Return the name of each entity of a drawing, and all that stands in it."""
    section = ENTITIES.search(data)
    inner = section[1] if section else b""
    found = list(ENTITY.finditer(inner))
    ends = [*(entry.start() for entry in found), len(inner)][1:]
    return [
        (e[1].decode("ascii"), inner[e.end() : end]) for e, end in zip(found, ends, strict=True)
    ]


def _attributes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the attributes of blocks, a column for each tag; GDAL has them as ``TAG value``."""
    if "BlockAttributes" not in rows:
        return pd.DataFrame(index=rows.index)
    listed = [pairs if isinstance(pairs, list) else [] for pairs in rows["BlockAttributes"]]
    parted = [dict(str(pair).partition(" ")[::2] for pair in pairs) for pairs in listed]
    return pd.DataFrame(parted, index=rows.index)
