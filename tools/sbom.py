"""List what a bundle consists of, as CycloneDX: wheels, what lies compiled in them, browser files.

The list is the same for the same wheels: it bears no time, and its number is made of its content.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from base64 import b64decode
from collections.abc import Iterable, Iterator
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from tools.licences import licence_of
from tools.wheelhouse import sha256_of

ROOT = Path(__file__).resolve().parent.parent
BROWSER_LOCK = ROOT / "package-lock.json"
OWN = "civicsight"

NATIVE: Final = {
    "cryptography": (("OpenSSL", "Apache-2.0"),),
    "highspy": (("HiGHS", "MIT"),),
    "llvmlite": (("LLVM", "Apache-2.0 WITH LLVM-exception"),),
    "numpy": (("OpenBLAS", "BSD-3-Clause"),),
    "pillow": (
        ("FreeType", "FTL"),
        ("libjpeg-turbo", "IJG AND BSD-3-Clause"),
        ("libpng", "libpng-2.0"),
        ("libtiff", "libtiff"),
        ("zlib", "Zlib"),
    ),
    "psycopg-binary": (("libpq", "PostgreSQL"), ("OpenSSL", "Apache-2.0")),
    "pyarrow": (("Apache Arrow C++", "Apache-2.0"),),
    "pyogrio": (
        ("GDAL", "MIT"),
        ("GEOS", "LGPL-2.1-or-later"),
        ("PROJ", "MIT"),
        ("SQLite", "blessing"),
    ),
    "pyproj": (("PROJ", "MIT"), ("SQLite", "blessing")),
    "rasterio": (
        ("GDAL", "MIT"),
        ("GEOS", "LGPL-2.1-or-later"),
        ("PROJ", "MIT"),
        ("SQLite", "blessing"),
    ),
    "scipy": (("OpenBLAS", "BSD-3-Clause"),),
    "shapely": (("GEOS", "LGPL-2.1-or-later"),),
}
"""Libraries compiled into wheels whose metadata do not name them: library and licence, by wheel.

Their versions are those that the wheel's maker chose; the files that are apart are listed as found.
"""


def sbom(wheels: Iterable[Path], browser_lock: Path = BROWSER_LOCK) -> str:
    """Return the bill of materials of wheels and browser files, CycloneDX 1.6 as JSON."""
    found = sorted(wheels)
    components = [_wheel(wheel) for wheel in found]
    bom = Bom(components=[one for one in components if one.name != OWN])
    for entry in browser_files(browser_lock):
        bom.components.add(entry)
    for own in (one for one in components if one.name == OWN):
        bom.metadata.component = own
        bom.register_dependency(own, list(bom.components))
    sums = "".join(sha256_of(wheel) for wheel in found) + sha256_of(browser_lock)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_OID, sums)
    told: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    told["metadata"].pop("timestamp", None)
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def browser_files(lock: Path) -> Iterator[Component]:
    """Yield what npm brings into the pages, without what only tests use."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    for place, entry in sorted(packages.items()):
        if not place or entry.get("dev"):
            continue
        name = place.rpartition("node_modules/")[2]
        digest = b64decode(entry["integrity"].removeprefix("sha512-")).hex()
        yield _component(
            name,
            entry["version"],
            entry.get("license", ""),
            purl=PackageURL("npm", None, name, entry["version"]),
            hashes=[HashType(alg=HashAlgorithm.SHA_512, content=digest)],
        )


def _wheel(wheel: Path) -> Component:
    with ZipFile(wheel) as archive:
        about = _metadata(archive)
        inside = [
            _file(name, archive.read(name))
            for name in sorted(archive.namelist())
            if name.partition("/")[0].endswith((".libs", ".dylibs")) and not name.endswith("/")
        ]
    name = str(about["Name"]).lower().replace("_", "-").replace(".", "-")
    version = str(about["Version"])
    declared = [
        _component(library, None, licence, ref=f"{name}/{library}", note="declared by hand")
        for library, licence in NATIVE.get(name, ())
    ]
    digest = HashType(alg=HashAlgorithm.SHA_256, content=sha256_of(wheel))
    return _component(
        name,
        version,
        licence_of(about),
        purl=PackageURL("pypi", None, name, version),
        hashes=[digest],
        components=[*declared, *inside],
    )


def _metadata(archive: ZipFile) -> Message:
    place = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    return HeaderParser().parsestr(archive.read(place).decode("utf-8"))


def _file(name: str, content: bytes) -> Component:
    digest = HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(content).hexdigest())
    return Component(type=ComponentType.FILE, name=name, bom_ref=name, hashes=[digest])


def _component(
    name: str, version: str | None, licence: str, *, ref: str = "", note: str = "", **more: Any
) -> Component:
    return Component(
        name=name,
        version=version,
        bom_ref=ref or str(more["purl"]),
        licenses=[DisjunctiveLicense(name=licence)] if licence else [],
        properties=[Property(name="civicsight:found", value=note)] if note else [],
        **more,
    )
