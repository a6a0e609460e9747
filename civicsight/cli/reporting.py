"""The compliance report: every article judged or asked, for reviewers or for the public."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from civicsight.cli.commands import VIOLATION
from civicsight.cli.inputs import read_inputs, reads_city
from civicsight.cli.options import JsonOption, OutOption
from civicsight.cli.show import show_files
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.model import City
    from civicsight.report.compliance import Account
    from civicsight.rules import Rules


TodayOption = Annotated[
    str | None,
    typer.Option(
        "--today", help=str(N_("Day on which deadlines are judged, YYYY-MM-DD; by default today."))
    ),
]
EditionOption = Annotated[
    str,
    typer.Option(
        "--edition",
        help=str(
            N_("For whom: reviewer, or public, which is made as if no hidden record existed.")
        ),
    ),
]
PdfOption = Annotated[
    bool,
    typer.Option(
        "--pdf/--no-pdf", help=str(N_("Whether the pages are printed as PDF as well; needs Pango."))
    ),
]


@reads_city
def report(
    ctx: typer.Context,
    *,
    reading: Any,
    out: OutOption = Path("out/report"),
    today: TodayOption = None,
    edition: EditionOption = "reviewer",
    pdf: PdfOption = True,
    json_: JsonOption = False,
) -> None:
    """Write the compliance report."""
    from civicsight.io.packs import load_packs
    from civicsight.report.compliance import figures_of, write_compliance
    from civicsight.report.compliance.account import Edition
    from civicsight.report.pdf import load_printer

    session: Session = ctx.obj
    inputs, rules, night = reading
    # Refuse what is not known or cannot be made, before the work and not after it.

    if edition not in get_args(Edition):
        raise typer.BadParameter(", ".join(get_args(Edition)), param_hint="--edition")
    if pdf:
        load_printer()
    day, packs = _day(today), load_packs(user=rules or ())
    place, inventory, _ = read_inputs(session, inputs)
    account = _judge(session, place, inventory, packs, day, edition, night=night)
    with session.step(N_("Writing")) as tick:
        files, digest = write_compliance(account, out, pdf=pdf, progress=tick)
    if json_:
        session.show_json(figures_of(account, digest), files)
    else:
        _show(session, account)
        show_files(session, files)
    facts = account.compliance.facts
    violations = int((facts["outcome"].eq("fail") & facts["severity"].eq("violation")).sum())
    if violations:
        raise typer.Exit(VIOLATION)


def _judge(
    session: Session,
    place: City,
    cameras: Any,
    rules: Rules,
    today: date | None,
    edition: str,
    *,
    night: bool,
) -> Account:
    """Judge every article with progress shown."""
    from civicsight.report.compliance import give_account

    with session.step(N_("Judging every article")) as tick:
        return give_account(
            place,
            cameras,
            rules=rules,
            today=today,
            edition=edition,  # type: ignore[arg-type]  # checked by the command
            night=night,
            progress=tick,
        )


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(repr(text), param_hint="--today") from None


def _show(session: Session, account: Account) -> None:
    """Print what a person wants to know first."""
    from civicsight.presentation.names import name_judged
    from civicsight.report.compliance.front import front_page

    front = front_page(account, name_judged(account.dossier, session.language))
    text = N_(
        "Violations: %(violations)s; warnings: %(warnings)s; questions: %(questions)s; covered for "
        "sure: %(share)s; cameras in private places: %(inside)s, that look into private façades: "
        "%(look)s, of which nobody can say: %(open)s",
        violations=front["violations"],
        warnings=front["warnings"],
        questions=front["questions"] or "*",
        share=front["covered"],
        inside=front["privacy"]["violations"],
        look=front["privacy"]["warnings"],
        open=front["privacy"]["open"],
    )
    session.print(text)
