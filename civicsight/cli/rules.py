"""Rule packs: whether one is sound, what it says, and what differs between two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from civicsight.cli.options import JsonOption
from civicsight.core.errors import N_, MismatchError, PackError

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.core.errors import Fault
    from civicsight.rules import Pack, Rule, Rules


PackArgument = Annotated[
    list[str],
    typer.Argument(help=str(N_("A pack: the id of one that comes with the program, or a file."))),
]


def lint(ctx: typer.Context, packs: PackArgument, *, json_: JsonOption = False) -> None:
    """Check packs."""
    from civicsight.cli.rulebook import show_sound

    session: Session = ctx.obj
    faults: list[Fault] = []
    sound: list[tuple[str, Rules]] = []
    for source in packs:
        try:
            sound.append(_lint(source))
        except PackError as error:
            faults += error.faults
    if faults:
        raise PackError(faults)
    show_sound(session, sound, json_=json_)


def _lint(source: str) -> tuple[str, Rules]:
    """Return a pack as it speaks with our own; raise if it has faults by itself or beside them."""
    from civicsight.io.packs import load_packs, open_pack
    from civicsight.rules import builtin_packs

    head: Any = open_pack(source).data["pack"]
    if head["id"] in builtin_packs():
        return source, load_packs([head["id"]])
    return head["id"], load_packs(user=[Path(source)])


def show(
    ctx: typer.Context,
    pack: Annotated[
        str | None,
        typer.Argument(
            help=str(N_("A pack, by id or file; by default those that planners work under."))
        ),
    ] = None,
    *,
    article: Annotated[
        str | None, typer.Option("--article", help=str(N_("Only this article, in full.")))
    ] = None,
    rule: Annotated[
        str | None, typer.Option("--rule", help=str(N_("Only this rule, in full.")))
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Show packs."""
    from civicsight.cli.rulebook import article_to_dict, pack_to_dict, rule_to_dict, show_book

    session: Session = ctx.obj
    rules, packs = _open(pack)
    full = article is not None or rule is not None
    chosen = [(own, _rules_of(own, article, rule)) for own in packs]
    found = any(entries if rule else _articles_of(own, article) for own, entries in chosen)
    if full and not found:
        raise MismatchError(
            N_(
                "no %(what)s in %(packs)s",
                what=rule or article,
                packs=" + ".join(f"{pack.id} {pack.version}" for pack in packs),
            )
        )
    if not json_:
        show_book(session, rules, chosen, article, full=full)
        return
    session.show_json(
        [
            pack_to_dict(own, rules)
            | {"articles": [article_to_dict(entry) for entry in _articles_of(own, article)]}
            | {"rules": [rule_to_dict(entry, own) for entry in entries]}
            for own, entries in chosen
            if entries or not full or _articles_of(own, article)
        ]
    )


def _open(source: str | None) -> tuple[Rules, list[Pack]]:
    """Return loaded rules, and those of their packs that are to be shown."""
    from civicsight.io.packs import load_packs, open_pack
    from civicsight.rules import builtin_packs

    if source is None:
        rules = load_packs()
        return rules, list(rules.packs)
    if source in builtin_packs():
        rules = load_packs([source])
        return rules, [rules.pack(source)]
    # A file is shown or refused, also one that has the id of a delivered pack: never that one.
    pack_id = str(open_pack(source).data["pack"]["id"])
    rules = load_packs(user=[Path(source)])
    return rules, [rules.pack(pack_id)]


def _rules_of(pack: Pack, article: str | None, rule: str | None) -> list[Rule]:
    return [
        entry
        for entry in pack.rules
        if (rule is None or entry.id == rule) and (article is None or entry.article == article)
    ]


def _articles_of(pack: Pack, article: str | None) -> list[Any]:
    return [entry for entry in pack.articles if article is None or entry.n == article]


def diff(
    ctx: typer.Context,
    packs: Annotated[
        list[str],
        typer.Argument(
            help=str(N_("Two packs, by id or file; or one, to compare with the built-in ones."))
        ),
    ],
    *,
    json_: JsonOption = False,
) -> None:
    """Compare packs."""
    from civicsight.cli.rulebook import show_differences
    from civicsight.io.packs import load_packs, open_pack
    from civicsight.rules import compare_packs

    session: Session = ctx.obj
    if len(packs) > 2:
        raise typer.BadParameter(str(N_("one pack or two")), param_hint="PACKS")
    documents = [open_pack(source) for source in packs]
    after = documents[-1]
    before = documents[:-1] or [open_pack(pack.id) for pack in load_packs().packs]
    show_differences(session, before, after, compare_packs(before, after), json_=json_)
