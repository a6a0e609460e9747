"""List what surfaces say differently of one fact, or which numbers on them carry no key."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from civicsight.core.errors import CivicsightError
from civicsight.core.i18n import LANGUAGES
from tests.figures.cities import CITIES, PLANS, draw
from tests.figures.scrape import lines_of
from tests.figures.surfaces import Desk, surfaces


def main() -> None:
    """Draw up plans and open every page and paper of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures", description=__doc__)
    parser.add_argument("what", choices=("scrape", "trace"))
    parser.add_argument("plans", nargs="*", default=[f"{c}/{v}" for c in CITIES for v in PLANS],
                        help="CITY/VARIANT, all by default")  # fmt: skip
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    for label in asked.plans:
        city, _, variant = label.partition("/")
        try:
            drawn = draw(city, variant)
        except CivicsightError as error:
            print(f"{label}\tno plan\t{error}", flush=True)  # noqa: T201
            continue
        with TemporaryDirectory(prefix="civicsight-") as scratch:
            desk = Desk(drawn, Path(scratch))
            found = surfaces(desk, tuple(LANGUAGES))
        told = list(lines_of(label, found))
        print(f"{label}\t{len(told)} facts told in more than one way", flush=True)  # noqa: T201
        for line in told:
            print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
