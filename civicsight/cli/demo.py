"""The demo: central Helsinki as it is, and a made-up district in which everything is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from civicsight.cli.commands import run_check, run_report
from civicsight.cli.inputs import Inputs, read_inputs
from civicsight.cli.show import show_brief, show_files
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session

DATA: Final = Path(__file__).resolve().parent.parent.parent / "data" / "demo"
"""The made-up district lies beside the package, in a clone of the repository."""


def run_demo(session: Session, out: Path, *, quiet: bool = False) -> dict[str, Any]:
    """Check both cities, print what was found, and return the figures by city."""
    from civicsight.io import helsinki_path
    from civicsight.io.packs import load_packs

    cities: dict[str, tuple[Path, Path | None, str | None]] = {
        "helsinki": (helsinki_path(), None, "Helsinki")
    }
    if (DATA / "district.gpkg").is_file():
        cities["district"] = (DATA / "district.gpkg", DATA / "cameras.csv", None)
    else:
        session.tell(
            N_("The made-up district lies in a clone of the repository only; it is left out here.")
        )
    figures = {}
    for key, (path, cameras, name) in cities.items():
        city, inventory, imports = read_inputs(session, Inputs(path, cameras, name=name))
        result = run_check(session, city, inventory, load_packs(), 0.5)
        files = run_report(session, result, out / key, imports)
        figures[key] = {**result.summary, "files": [str(file) for file in files]}
        if not quiet:
            show_brief(session, result)
            show_files(session, files)
    return figures
