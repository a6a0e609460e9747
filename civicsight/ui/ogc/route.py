"""The one route of the service among those of the app; what answers it is loaded when it is asked.

An app that no program reads does not wait for it at its start.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from civicsight.application.tokens import OGC_PATH

if TYPE_CHECKING:
    from civicsight.ui.ogc.door import Door


def program_routes(root: str = "") -> list[BaseRoute]:
    """Return the route for ``st.App``; `root` as of `tiles.routes`."""
    return [Route(f"{root}{OGC_PATH}/{{rest:path}}", _Asked(root))]


class _Asked:
    """Hands what is asked to the door, whatever the method."""

    def __init__(self, root: str) -> None:
        self.root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = await run_in_threadpool(_door, self.root)
        await door(scope, receive, send)


@lru_cache(maxsize=1)
def _door(root: str) -> Door:
    from civicsight.ui.mapview import project_ground
    from civicsight.ui.ogc.door import Door
    from civicsight.ui.ogc.reading import Ground
    from civicsight.ui.tiles import SERVED

    return Door(root, Ground(project_ground, SERVED.ground))
