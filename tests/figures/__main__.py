"""List what surfaces say differently of one fact, or which numbers on them carry no key."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from civicsight.core.errors import CivicsightError
from civicsight.core.i18n import LANGUAGES
from tests.figures.cities import CITIES, PLANS, Drawn, draw
from tests.figures.scrape import lines_of
from tests.figures.surfaces import Desk, Lines, surfaces


def main() -> None:
    """Draw up plans and open every page and paper of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures", description=__doc__)
    parser.add_argument("what", choices=("scrape", "trace"))
    parser.add_argument("plans", nargs="*", default=[f"{c}/{v}" for c in CITIES for v in PLANS],
                        help="CITY/VARIANT, all by default")  # fmt: skip
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    show = show_trace if asked.what == "trace" else show_quarrels
    for label in asked.plans:
        try:
            show(label)
        except CivicsightError as error:
            print(f"{label}\tno plan\t{error}", flush=True)  # noqa: T201


def show_quarrels(label: str) -> None:
    """Print the facts of which surfaces say different numbers."""
    told = list(lines_of(label, opened(draw(*label.split("/")))))
    print(f"{label}\t{len(told)} facts told in more than one way", *told, sep="\n")  # noqa: T201


def show_trace(label: str) -> None:
    """Print how many numbers carry a key, and those that carry none."""
    # A commit of before has none of these, and can be scraped all the same.
    from civicsight.core.figure import tracing
    from tests.figures.recount import recount
    from tests.figures.tracing import trace_all

    with TemporaryDirectory(prefix="civicsight-") as scratch, tracing():
        desk = Desk(draw(*label.split("/")), Path(scratch))
        found = surfaces(desk, tuple(LANGUAGES))
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        desk.folder = Path(scratch)
        told = trace_all(desk, found, recount(desk.tables()))
    print(label, told, *(f"{where}\t{number}\t{text}" for where, text, number in told.untraced),  # noqa: T201
          sep="\n")  # fmt: skip
    for surface, counts in sorted(told.by_surface.items()):
        print(surface, *(f"{name} {count:,}" for name, count in counts.items()), sep="\t")  # noqa: T201


def opened(drawn: Drawn) -> dict[str, Lines]:
    """Open every page and paper of a plan."""
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        return surfaces(Desk(drawn, Path(scratch)), tuple(LANGUAGES))


if __name__ == "__main__":
    main()
