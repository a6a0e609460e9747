"""Duplicate construction on the command line: verdicts, money, who does the work instead."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.inputs import reads_city
from civicsight.cli.options import JsonOption, OutOption
from civicsight.cli.plan_arguments import PricesOption
from civicsight.cli.plan_inputs import run_check
from civicsight.cli.plans import print_forecast
from civicsight.cli.show import show_files, show_table
from civicsight.core.errors import N_
from civicsight.core.settings import present_day

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.coverage.result import CheckResult
    from civicsight.planning.duplicates import Duplicates


OffersOption = Annotated[
    bool,
    typer.Option(
        "--offers/--no-offers",
        help=str(
            N_(
                "Whether existing cameras are also tried turned and refurbished, and planned ones "
                "priced; it takes as long as finding candidates."
            )
        ),
    ),
]


@reads_city
def duplicates(
    ctx: typer.Context,
    *,
    reading: Any,
    prices: PricesOption = None,
    offers: OffersOption = True,
    out: OutOption = Path("out/duplicates"),
    json_: JsonOption = False,
) -> None:
    """Find duplicate construction."""
    from civicsight.coverage.result import no_inventory
    from civicsight.planning.duplicates import MEANINGS, Verdict, make_cards
    from civicsight.presentation.names import name_all
    from civicsight.report.duplicates import CARD_HEADINGS, row_of, summary_of, write_duplicates

    session: Session = ctx.obj
    result = run_check(session, reading)
    found = _judge(session, result, prices, offers=offers)
    with session.step(N_("Writing evidence cards")) as tick:
        cards = make_cards(found, progress=tick)
    with session.step(N_("Writing")) as tick:
        files = write_duplicates(found, cards, out, progress=tick)
    counts = {str(k): int(v) for k, v in found.table["verdict"].dropna().value_counts().items()}
    looked, standing = not no_inventory(result), found.standing
    if json_:
        session.show_json(
            {
                "verdicts": counts,
                "dropped": list(found.dropped) if looked else None,
                "avoidable_yuan": found.avoidable_yuan if looked else None,
                "standing": [standing.at_least, standing.at_most] if looked else None,
                "relies_on": {c.camera_id: [s.camera_id for s in c.relies_on] for c in cards},
            },
            files,
        )
        return
    # Print how many there are of each verdict, who to look at, and what could go together.

    for name, count in sorted(counts.items()):
        line = N_("%(what)s: %(value)s", what=MEANINGS[Verdict(name)], value=count)
        session.out.print(session.translate(line), markup=False, highlight=False)
    if cards:
        names = name_all(found.result, session.language)
        show_table(session, CARD_HEADINGS, [row_of(names, card) for card in cards], (2, 3, 5))
    for text in summary_of(found):
        session.out.print(session.translate(text), markup=False, highlight=False)
    show_files(session, files)


def _judge(
    session: Session, result: CheckResult, prices: Path | None, *, offers: bool
) -> Duplicates:
    """Judge duplicates, by day and by each camera's own light."""
    from civicsight.coverage.check import scenes_of
    from civicsight.planning.candidates import generate
    from civicsight.planning.duplicates import (
        barred_by_article_9,
        offers_of,
        prices_of,
        see_by_night,
    )
    from civicsight.planning.duplicates import duplicates as find
    from civicsight.planning.judging.dossier import Dossier
    from civicsight.planning.prices.price_table import read_prices

    table = read_prices(prices)
    scenes = scenes_of(result)
    more: dict[str, Any] = {"night": see_by_night(result, scenes["sure"]), "scene": scenes["sure"]}
    if offers:
        print_forecast(session, result)
        with session.step(N_("Finding permitted candidates")) as tick:
            found = generate(result, prices=table, scenes=scenes, progress=tick)
        more |= {"offers": offers_of(found), "prices": prices_of(result, found)}
    with session.step(N_("Judging duplicates")) as tick:
        dossier = Dossier(result, present_day())
        barred, private = barred_by_article_9(dossier), dossier.private.areas
        return find(result, barred=barred, private=private, progress=tick, **more)
