"""Two hundred answers and more: what the commands say, and what the functions return."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from tools.golden.asked import ASKED
from tools.golden.canonical import cell, flat
from tools.golden.pages import console
from tools.golden.runs import speak

LANGUAGES: Final = ("zh_CN", "en")
SCENES, VIEWS_OF_EACH = 4, 12

HELPED: Final = (
    "",
    *("demo", "fetch", "check", "coverage", "export", "import", "template", "quality"),
    *("catalogue", "obstruct", "specify", "accept", "privacy", "report", "app", "schema"),
    *("rules", "rules lint", "rules show", "rules diff"),
    *("plan", "plan candidates", "plan optimise", "plan new", "plan submit", "plan opinion"),
    *("plan consult", "plan replies", "plan settle", "plan adoption", "plan edition"),
    *("plan return", "plan approve", "plan backup", "plan copy", "plan restore", "plan audit"),
    *("plan duplicates", "plan ledger", "plan verify", "plan diff", "plan export", "plan years"),
    *("app-user", "app-user add", "app-user list", "app-user remove"),
    *("app-token", "app-token add", "app-token list", "app-token revoke"),
)
"""Every command, the empty one first."""


def answers() -> Iterator[tuple[str, str]]:
    """Yield name and canonical text of each answer."""
    for language in LANGUAGES:
        for verb in HELPED:
            yield _said(f"{verb} --help".strip(), language)
        for line in ASKED:
            if language == LANGUAGES[0] or "--json" not in line:
                yield _said(line, language)
    yield from _views()
    yield from _of_the_district()
    yield from _refusals()
    yield from _packs()


def _said(line: str, language: str) -> tuple[str, str]:
    code, out, err = speak([*line.split(), "--lang", language])
    text = console(f"{out} {err}")
    return f"{language} {line}", f"{code} {text}"


def _views() -> Iterator[tuple[str, str]]:
    """Look around from seeded cameras in seeded scenes."""
    import civicsight as cs

    for seed in range(SCENES):
        scene = cs.build_scene(_buildings(seed))
        for number in range(VIEWS_OF_EACH):
            given = _camera(seed, number)
            name = f"view {seed}.{number}"
            yield name, _tried(lambda s=scene, g=given: _view(cs.viewshed(cs.Camera(**g), s)))


def _view(seen: Any) -> str:
    density = seen.px_m[seen.visible].astype(float)
    greatest = float(density.max(initial=0.0))
    return (
        f"{int(seen.visible.sum())} of {int(seen.open.sum())} cells, "
        f"{cell(seen.area_m2, 'area_m2')} m2, "
        f"{cell(float(density.sum()), 'x')} px/m in all, {cell(greatest, 'px_m')} at most, "
        f"{int((density >= 125.0).sum())} cells from 125, corner "
        f"{cell(seen.transform.c, 'x')} {cell(seen.transform.f, 'x')}"
    )


def _buildings(seed: int) -> Any:
    """Return forty made buildings around the origin, none within 5 m of it."""
    import geopandas as gpd
    import numpy as np
    import shapely

    rng = np.random.default_rng((2026, seed))
    at = rng.uniform(-90.0, 90.0, (60, 2))
    turned, size = rng.uniform(0.0, 90.0, 60), rng.uniform(4.0, 18.0, (60, 2))
    boxes = [
        shapely.affinity.rotate(shapely.box(x, y, x + w, y + h), angle)
        for (x, y), (w, h), angle in zip(at.round(2), size.round(2), turned.round(1), strict=True)
    ]
    kept = [k for k, box in enumerate(boxes) if box.distance(shapely.Point(0.0, 0.0)) > 5.0][:40]
    rows = {
        "height_m": rng.uniform(3.0, 20.0, 60).round(1)[kept],
        "base_m": 0.0,
        "height_assumed": False,
    }
    labels = [f"b{k}" for k in kept]
    return gpd.GeoDataFrame(
        rows, index=labels, geometry=[boxes[k] for k in kept], crs="EPSG:4548"
    ).rename_axis("building_id")


def _camera(seed: int, number: int) -> dict[str, Any]:
    """Return a camera at the origin, every third of them of another lens."""
    import numpy as np

    rng = np.random.default_rng((2027, seed, number))
    lens = ("rectilinear", "equidistant", "cylindrical")[number % 3]
    widest = {"rectilinear": 110.0, "equidistant": 185.0, "cylindrical": 360.0}[lens]
    return {
        "x": 0.0,
        "y": 0.0,
        "crs": "EPSG:4548",
        "azimuth_deg": round(float(rng.uniform(0, 360)), 1),
        "tilt_deg": round(float(rng.uniform(-5, 40)), 1),
        "roll_deg": round(float(rng.uniform(-5, 5)), 1) if lens == "rectilinear" else 0.0,
        "height_m": round(float(rng.uniform(2.5, 25)), 1),
        "hfov_deg": round(float(rng.uniform(30, widest)), 1),
        "vfov_deg": round(float(rng.uniform(25, 100)), 1),
        "width_px": float(rng.choice([1280, 1920, 2560, 3840])),
        "reach_m": round(float(rng.uniform(20, 100)), 1),
        "near_m": round(float(rng.uniform(0, 5)), 1),
        "lens": lens,
        "mask": "POLYGON ((0.4 0.5, 1 0.5, 1 1, 0.4 1, 0.4 0.5))" if number == 9 else None,
    }


def _of_the_district() -> Iterator[tuple[str, str]]:
    """Check a part of the made district in several ways."""
    import civicsight as cs

    city, _ = cs.read_city("district.gpkg")
    cameras, report = cs.read_cameras("cameras.csv", crs=city.crs, near=city.extent)
    yield "cameras read", f"{report.read} read, {report.kept} kept"
    some = cameras.iloc[::4]
    ways: dict[str, dict[str, Any]] = {
        "by day": {},
        "by night": {"night": True},
        "in winter": {"season": "winter"},
    }
    for name, way in ways.items():
        found = cs.check(city, some, raster=False, **way)
        for table in ("part_status", "gaps", "duplicates", "overlaps", "heads", "samples"):
            frame = getattr(found, table)
            yield f"check {name}: {table}", _counted(frame)
        lines = [line for piece in flat(found.summary).values() for line in piece]
        yield f"check {name}: summary", "; ".join(lines)
    seen = cs.sightlines(found.heads, found.samples, cs.build_scene(city.buildings))
    yield "sightlines", f"{seen.q.nnz} seen, {len(seen.blocked)} blocked, {int(seen.inside.sum())}"
    for roofs in (False, True):
        heads = found.heads.iloc[:3]
        covered = cs.compute_coverage(
            heads, cs.build_scene(city.buildings), roofs=roofs, cell_m=1.0
        )
        yield f"coverage, roofs {roofs}", _raster(covered)


def _raster(covered: Any) -> str:
    best, count, _, corner = covered.to_dense()
    mean = float(best[count > 0].mean(dtype=float))
    return (
        f"{count.shape} cells, {int((count > 0).sum())} seen, {int(count.sum())} views, "
        f"{cell(mean, 'px_m')} px/m, corner {cell(corner.c, 'x')} {cell(corner.f, 'x')}"
    )


def _counted(frame: Any) -> str:
    """Return how many rows of a table there are, by each column of few texts."""
    parts = [f"{len(frame)} rows"]
    for name in ("status", "outcome", "severity", "reading", "kind"):
        if name in frame:
            found = frame[name].value_counts().sort_index()
            parts.append(f"{name}: " + ", ".join(f"{key} {n}" for key, n in found.items()))
    return "; ".join(parts)


REFUSED: Final[dict[str, dict[str, Any]]] = {
    "x": {"x": float("nan")},
    "y": {"y": 1e12},
    "crs": {"crs": "EPSG:0"},
    "degrees": {"crs": "EPSG:4326"},
    "height": {"height_m": -1.0},
    "hfov": {"hfov_deg": 0.0},
    "vfov": {"vfov_deg": 400.0},
    "width": {"width_px": 0.0},
    "reach": {"reach_m": 0.0},
    "near": {"near_m": 90.0},
    "lens": {"lens": "wide"},
    "mask": {"mask": "[[1"},
    "text": {"azimuth_deg": "north"},
    "several": {"height_m": -1.0, "tilt_deg": 100.0, "lens": "wide"},
}
"""Cameras that are none."""


def _refusals() -> Iterator[tuple[str, str]]:
    import civicsight as cs

    field = _buildings(0)
    given = _camera(0, 0)
    for name, wrong in REFUSED.items():
        bad = given | wrong
        yield f"refused {name}", _tried(lambda b=bad: _view(cs.viewshed(cs.Camera(**b), field)))
    asked: dict[str, Callable[[], Any]] = {
        "cells of no size": lambda: cs.viewshed(cs.Camera(**given), field, cell_m=0.0),
        "targets below": lambda: cs.viewshed(cs.Camera(**given), field, target_height_m=-1.0),
        "far away": lambda: _view(cs.viewshed(cs.Camera(**given | {"x": 9e5}), field)),
        "no city": lambda: cs.read_city("words.txt"),
        "no file": lambda: cs.read_city("nothing.gpkg"),
        "no cameras": lambda: cs.read_cameras("empty.csv", crs="EPSG:4548"),
        "no pack": lambda: cs.load_packs(user=["pack.yaml"]),
    }
    for name, call in asked.items():
        yield f"refused {name}", _tried(call)


def _tried(call: Callable[[], Any]) -> str:
    try:
        return str(call())
    except (ArithmeticError, LookupError, OSError, TypeError, ValueError, RuntimeError) as error:
        return console(f"{type(error).__name__}: {error}")


def _packs() -> Iterator[tuple[str, str]]:
    import civicsight as cs

    for pack in cs.load_packs().packs:
        yield f"rules of {pack.id}", " ".join(rule.id for rule in pack.rules)
        yield f"checks of {pack.id}", " ".join(sorted({f"{rule.article}" for rule in pack.rules}))
