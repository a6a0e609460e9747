"""What the golden run works on: the made district, and small files that are made from it."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Final

DEMO: Final = Path(__file__).resolve().parents[2] / "data" / "demo"
NATIONAL: Final = "360102000013{kind}{number:05d}"
"""A number of GB/T 28181: a place in Nanchang, the kind of device, a number in its row."""

PACK: Final = """\
format: 1
id: golden
version: 1.0.0
names: {zh: 试验, en: Trial}
rules: nothing
"""
PAGE: Final = b"%PDF-1.4\n1 0 obj <</Type /Page>> endobj\n"
SCAN: Final = PAGE + b"xref\n0 0\ntrailer <<>>\nstartxref\n%d\n%%%%EOF\n" % len(PAGE)

BUILT: Final = (
    ("C051", 0.0, 0.0),
    ("C053", 12.0, 0.0),
    ("C055", 0.0, 0.5),
    ("C056", 1.0, 0.1),
    ("C058", 0.0, 0.0),
)
"""Planned cameras that somebody measured, and how far azimuth [deg] and height [m] are off."""


def prepare(folder: Path) -> None:
    """Lay all inputs into a folder, under short names."""
    shutil.copy(DEMO / "district.gpkg", folder)
    shutil.copy(DEMO / "cameras.csv", folder)
    for name in ("c", "store", "project"):
        (folder / "out" / name).mkdir(parents=True)
    shutil.copy(DEMO / "district.gpkg", folder / "out" / "project" / "project.gpkg")
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    (folder / "scan.pdf").write_bytes(SCAN)
    (folder / "empty.csv").write_bytes(b"")
    (folder / "words.txt").write_text("no city\n", encoding="utf-8")
    with (folder / "cameras.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    _write(folder / "measured.csv", _measured(rows))
    _write(folder / "numbered.csv", _numbered(rows))
    _write(folder / "faulty.csv", _faulty(rows))
    _write_proposals(folder)


def _measured(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    by_id = {row["camera_id"]: row for row in rows}
    kept = ("camera_id", "lon", "lat", "tilt_deg", "hfov_deg")
    return [
        {
            **{name: by_id[camera][name] for name in kept},
            "azimuth_deg": f"{(float(by_id[camera]['azimuth_deg']) + turned) % 360:.4f}",
            "height_m": f"{float(by_id[camera]['height_m']) + raised:.2f}",
            "sign_up": "yes",
            "mask_set": "yes",
            "night_ok": "yes" if turned == 0.0 else "no",
        }
        for camera, turned, raised in BUILT
    ]


def _numbered(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return cameras that a catalogue may tell of, numbered as it wants them."""
    open_ = [row for row in rows if row["secrecy"] != "True"]
    return [
        {**row, "camera_id": NATIONAL.format(kind=131 + k % 2, number=k)[:20]}
        for k, row in enumerate(open_[:60], start=1)
    ]


def _faulty(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return an inventory with one fault a row, and two good rows."""
    wrong = (
        {"lat": "north"},
        {"lon": "512"},
        {"height_m": "-3"},
        {"hfov_deg": "0"},
        {"status": "perhaps"},
        {"kind": "periscope"},
        {"width_px": "many"},
        {"camera_id": "C001"},
        {"filed_on": "30 February"},
        {"reach_m": "1e9"},
    )
    return [rows[0], *({**row, **fault} for row, fault in zip(rows[1:], wrong, strict=False))]


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_proposals(folder: Path) -> None:
    import geopandas as gpd

    layer = gpd.read_file(folder / "district.gpkg", layer="proposals")
    layer.to_file(folder / "proposals.gpkg", layer="proposals")
