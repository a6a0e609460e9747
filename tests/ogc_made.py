"""The service for other programs, asked without a network: a project by hand, tokens, a client."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from civicsight.application.tokens import OGC_PATH, add_token, tokens_path
from civicsight.coverage.check import check
from civicsight.editing.project import Project
from civicsight.maps.vectortiles import tile_source
from civicsight.store import Actor, Role
from civicsight.ui.access.guard import Sealed
from civicsight.ui.ogc import door, layers
from civicsight.ui.ogc.door import Door
from civicsight.ui.ogc.reading import Ground
from civicsight.ui.tiles import Tiles
from tests.app_town import DIGEST, RULES, app_city, app_result

ADDRESS = "http://127.0.0.1:8501"
CODE = "town"
ITEMS = "/collections/cameras/items"
ANALYST = Actor("platform", Role.ANALYST)
EAST, WEST = (Actor(name, Role.DISTRICT_PLANNER, name) for name in ("East", "West"))
SECRETS = ("south", "twin")
"""The cameras that see a gate."""


@cache
def secret_result() -> Any:
    """Return the check of the town in which the cameras that see a gate are secret."""
    city = app_city()
    cameras = city.cameras.copy()
    cameras["secrecy"] = [label in SECRETS or None for label in cameras.index]
    return check(replace(city, cameras=cameras), rules=RULES, raster=False)


def project_at(folder: Path, *, secret: bool = False) -> Project:
    """Return the town; its plans are kept in a folder."""
    result = secret_result() if secret else app_result()
    return Project(result.city, RULES, result, DIGEST, folder / "town.plans.gpkg")


class Service:
    """The service of one project; each test has its own."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.project, self.file, self.tiles = project, folder / f"{CODE}.gpkg", Tiles()
        self.door = Door("", Ground(lambda _, city: tile_source(city), self.tiles.ground))
        route = Route(f"{OGC_PATH}/{{rest:path}}", self.door)
        self.app = Starlette(routes=[route], middleware=[Middleware(Sealed)])

    def token(self, actor: Actor = ANALYST, **more: Any) -> str:
        """Make a token."""
        return add_token(tokens_path(), actor, self.file, **more)[0]

    def ask(
        self, path: str = "", token: str | None = None, method: str = "GET", **headers: str
    ) -> httpx.Response:
        """Ask something of the project, or of a whole address."""
        address = path if path.startswith("http") else f"{ADDRESS}{OGC_PATH}/{CODE}{path}"
        sent = {"Accept-Language": "en"} | {k.replace("_", "-"): v for k, v in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"

        async def asking() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, client=("10.0.0.9", 1))
            async with httpx.AsyncClient(transport=transport) as client:
                return await client.request(method, address, headers=sent)

        return asyncio.run(asking())


@cache
def ground_of(project: Project) -> Any:
    """Return the ground plan of a project."""
    return tile_source(project.city)


def done(value: Any) -> Future[Any]:
    """Return a future that is over."""
    future: Future[Any] = Future()
    future.set_result(value)
    return future


def serve(monkeypatch: pytest.MonkeyPatch, project: Project, folder: Path) -> Service:
    """Return the service of a project that is open and ready."""
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(folder / "accounts.json"))
    opening = type("Opening", (), {"future": done(project)})
    monkeypatch.setattr(door, "opening", lambda _path: opening)
    ready = done(layers.prepare(project))
    monkeypatch.setattr(door, "serving", lambda _project: ready)
    return Service(project, folder)


def ids(answer: httpx.Response) -> set[str]:
    """Return the ids of the features that an answer holds."""
    assert answer.status_code == 200, answer.text
    return {one["id"] for one in answer.json()["features"]}
