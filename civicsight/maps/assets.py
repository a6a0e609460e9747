"""Browser files that travel with the package, so that a map needs no network.

folium's defaults load a dozen files from the internet. `localise` replaces every link of a map by
a copy of ours and refuses a map that asks for a file that we do not carry.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, cast

import folium
from branca.element import Element

from civicsight.core.errors import SetupError

ASSETS: Final = {
    "leaflet": "vendor/leaflet/leaflet.js",
    "leaflet_css": "vendor/leaflet/leaflet.css",
    "civicsight_draw": "browser/draw.js",
    "civicsight_map": "browser/map.js",
    "civicsight_panel": "browser/panel.js",
    "civicsight_swipe": "browser/swipe.js",
    "civicsight_css": "browser/map.css",
}
"""Files by the name under which a folium element asks for them."""

APP_SCRIPTS: Final = (
    "vendor/leaflet/leaflet.js",
    "vendor/supercluster/supercluster.min.js",
    *(
        f"browser/{name}.js"
        for name in (
            "draw",
            "map",
            "panel",
            "vectortiles",
            "swipe",
            "edit",
            "scale",
            "names",
            "basemap",
            "focus",
            "search",
            "live",
        )
    ),
    *(
        f"browser/solid{name}.js"
        for name in ("_rig", "_bodies", "_ground", "_signs", "_panel", "_pointer", "_dress", "")
    ),
)
"""Scripts of the map of the app, in the order in which they run."""

APP_MODULES: Final = ("vendor/three/three.module.min.js", "vendor/three/three.core.min.js")
"""Modules that the 3D view alone loads; the first one asks for the second by its name."""

APP_SHEETS: Final = ("vendor/leaflet/leaflet.css", "browser/map.css")

UNUSED: Final = frozenset(
    {
        "jquery",
        "bootstrap",
        "awesome_markers",
        "bootstrap_css",
        "glyphicons_css",
        "awesome_markers_font_css",
        "awesome_markers_css",
        "awesome_rotate_css",
    }
)
"""What folium loads for icons and popups of its own, of which our maps have none."""

MIME: Final = {"js": "text/javascript", "css": "text/css", "png": "image/png"}

_LOCAL_IMAGE: Final = re.compile(r"url\((?:images/)([\w.-]+)\)")

Link = Callable[[str], str]


def read_asset(path: str) -> bytes:
    """Return a browser file by its path below this package.

    Raises
    ------
    SetupError
        If set-up has not fetched it yet.
    """
    file = files("civicsight.maps").joinpath(path)
    if not file.is_file():
        msg = (
            f"the browser file {path.rpartition('/')[2]} is not in the package, expected in "
            "civicsight/maps: run `make setup` once"
        )
        raise SetupError(msg)
    return file.read_bytes()


def data_url(path: str) -> str:
    """Return a browser file as a link that carries the file itself."""
    data = asset_text(path).encode() if path.endswith(".css") else read_asset(path)
    return _data_url(data, path)


def asset_text(path: str) -> str:
    """Return a script or style sheet; images of a style sheet are put into it."""
    text = read_asset(path).decode()
    if not path.endswith(".css"):
        return text
    folder = path.rpartition("/")[0]

    def inline(match: re.Match[str]) -> str:
        image = f"{folder}/images/{match.group(1)}"
        return f"url({_data_url(read_asset(image), image)})"

    return _LOCAL_IMAGE.sub(inline, text)


@cache
def app_files() -> Mapping[str, bytes]:
    """Return the script and the style sheet of the maps of the app, and the modules, by name.

    Raises
    ------
    SetupError
        If set-up has not fetched the files yet.
    """
    script = ";\n".join(asset_text(path) for path in APP_SCRIPTS)
    sheet = "\n".join(asset_text(path) for path in APP_SHEETS)
    modules = {path.rpartition("/")[2]: read_asset(path) for path in APP_MODULES}
    return MappingProxyType({"map.js": script.encode(), "map.css": sheet.encode(), **modules})


@cache
def app_digest() -> str:
    """Return the digest of all files of the app: they change their address together.

    A module asks for another one by its name, so both have to lie below one address.
    """
    total = sha256()
    for name, data in app_files().items():
        total.update(name.encode() + b"\0" + data)
    return total.hexdigest()[:16]


def localise(drawn: folium.Map, link: Link = data_url) -> folium.Map:
    """Replace every asset link of a map by one of our own files.

    Parameters
    ----------
    drawn
        Any folium map; it is changed in place and returned.
    link
        Turns the path of a file below ``civicsight/maps`` into what the page loads.

    Raises
    ------
    KeyError
        If something on the map asks for a file that is not carried here.
    """
    for element in _elements(drawn):
        for attribute in ("default_js", "default_css"):
            wanted = getattr(element, attribute, None)
            if wanted:
                ours = [(name, link(ASSETS[name])) for name, _ in wanted if name not in UNUSED]
                setattr(element, attribute, ours)
    return drawn


def take_apart(drawn: folium.Map) -> MapPieces:
    """Return a map as pieces of a page that is written elsewhere, with all files in it.

    Raises
    ------
    KeyError
        As `localise`.
    """
    wanted: dict[str, str] = {}

    def remember(path: str) -> str:
        return wanted.setdefault(path, path)

    figure = cast("Any", localise(drawn, remember).get_root())
    for element in _elements(drawn):
        for attribute in ("default_js", "default_css"):
            if getattr(element, attribute, None):
                setattr(element, attribute, [])
    figure.render()
    return MapPieces(
        styles=tuple(asset_text(path) for path in wanted if path.endswith(".css")),
        libraries=tuple(asset_text(path) for path in wanted if path.endswith(".js")),
        markup=figure.html.render(),
        script=figure.script.render(),
    )


def _elements(root: Element) -> Iterator[Element]:
    yield root
    for child in root._children.values():  # noqa: SLF001 - folium has no other way to its elements
        yield from _elements(child)


def _data_url(data: bytes, path: str) -> str:
    kind = MIME[path.rpartition(".")[2]]
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


@dataclass(frozen=True, slots=True)
class MapPieces:
    """A map as the parts of a page: style sheets, libraries, the element, and its script."""

    styles: tuple[str, ...]
    libraries: tuple[str, ...]
    markup: str
    script: str
