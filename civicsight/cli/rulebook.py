"""How rule packs are printed: sound ones, what they say, and what differs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text as Line

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import pick
from civicsight.rules.departures import describe_override
from civicsight.rules.vocabulary import describe_value, field_word, join, word
from civicsight.rules.wording import (
    describe_check,
    describe_failure,
    describe_param,
    describe_where,
)

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.rules import Difference, Override, Pack, Rule, Rules
    from civicsight.rules.document import Document
    from civicsight.rules.pack import Article, ZoneClass

SECTIONS: Final = {
    "instrument": N_("instrument"),
    "policy": N_("policy"),
    "params": N_("parameters"),
    "profiles": N_("capture profiles"),
    "zones": N_("classes of places"),
    "privacy": N_("private places"),
    "articles": N_("articles"),
    "rules": N_("rules"),
    "conflicts": N_("conflicts"),
}
CHANGES: Final = {
    "tightened": N_("tightened"),
    "weakened": N_("WEAKENED"),
    "changed": N_("changed"),
    "added": N_("added"),
    "removed": N_("removed"),
}
SHOWN: Final = 60
"""Characters of a value that are printed of a difference."""


def _print(session: Session, text: Text | str, depth: int = 0, style: str = "") -> None:
    line = text if isinstance(text, str) else session.translate(text)
    session.out.print(Line("  " * depth + line, style=style), highlight=False)


def show_sound(session: Session, sound: Sequence[tuple[str, Rules]], *, json_: bool) -> None:
    """Say of packs that nothing is wrong with them, and what users weakened."""
    if json_:
        session.show_json(
            {
                "faults": [],
                "packs": [
                    {
                        "id": pack_id,
                        "versions": rules.versions,
                        "sha256": dict(rules.sha256),
                        "overrides": [override_to_dict(entry) for entry in rules.overrides],
                    }
                    for pack_id, rules in sound
                ],
            }
        )
        return
    for pack_id, rules in sound:
        _print(
            session, N_("%(pack)s: no fault (%(versions)s)", pack=pack_id, versions=rules.versions)
        )
        show_overrides(session, rules.overrides)


def show_overrides(session: Session, overrides: Sequence[Override]) -> None:
    """List what users set, the weakened marked."""
    for entry in overrides:
        if entry.direction == "weakened":
            _print(session, describe_override(entry), 1, "bold")
            continue
        name = entry.what if entry.field == "value" else f"{entry.what}.{entry.field}"
        text = N_(
            "%(change)s: %(pack)s %(name)s, %(before)s → %(after)s (%(basis)s)",
            change=CHANGES[entry.direction],
            pack=entry.pack,
            name=name,
            before=describe_value(entry.before, entry.unit),
            after=describe_value(entry.after, entry.unit),
            basis=word(entry.basis),
        )
        _print(session, text, 1)


def override_to_dict(entry: Override) -> dict[str, Any]:
    """Return an override for a machine."""
    return {
        "pack": entry.pack,
        "what": entry.what,
        "field": entry.field,
        "before": entry.before,
        "after": entry.after,
        "unit": entry.unit,
        "direction": entry.direction,
        "basis": entry.basis,
        "by": entry.by,
    }


def show_book(
    session: Session,
    rules: Rules,
    chosen: Sequence[tuple[Pack, list[Rule]]],
    article: str | None,
    *,
    full: bool,
) -> None:
    """Print packs: every article with its rules, in full where one was asked for."""
    for pack, entries in chosen:
        articles = [entry for entry in pack.articles if article is None or entry.n == article]
        if full and not entries and (article is None or not articles):
            continue
        _show_head(session, pack)
        if not full:
            show_overrides(session, [o for o in rules.overrides if pack.id in (o.pack, o.by)])
        for entry in articles:
            own = [rule for rule in entries if rule.id in entry.rules]
            if own or not full or article is not None:
                _show_article(session, pack, entry, own, full=full)


def _show_head(session: Session, pack: Pack) -> None:
    instrument = pack.instrument
    session.out.rule(Line(f"{pick(dict(pack.title), session.language)} · {pack.id} {pack.version}"))
    _print(session, f"sha256 {pack.sha256}")
    facts = N_(
        "rank %(rank)s; status %(status)s, checked %(day)s; in force %(force)s; articles read: "
        "%(articles)s",
        rank=instrument.rank,
        status=instrument.status,
        day=instrument.status_checked,
        force=instrument.in_force or "-",
        articles=instrument.articles_available,
    )
    _print(session, facts)


def _show_article(
    session: Session, pack: Pack, article: Article, rules: Sequence[Rule], *, full: bool
) -> None:
    gist = pick(dict(article.gist), session.language)
    _print(session, N_("Article %(n)s: %(gist)s", n=article.n, gist=gist), style="bold")
    if article.no_rule is not None:
        _print(
            session, N_("no rule: %(why)s", why=pick(dict(article.no_rule), session.language)), 1
        )
    for rule in rules:
        _print(session, f"{rule.id}  {pick(dict(rule.title), session.language)}", 1)
        if full:
            _show_rule(session, pack, rule)
    for conflict in pack.conflicts if full else ():
        if article.n in conflict.here:
            note = f"{conflict.id}: {pick(dict(conflict.note), session.language)}"
            _print(session, N_("conflict %(note)s", note=note), 1)


def _show_rule(session: Session, pack: Pack, rule: Rule) -> None:
    """Print everything about one rule."""
    _print(session, N_("about: %(what)s", what=join(word(name) for name in rule.subjects)), 2)
    for condition in describe_where(rule.where, rule.subjects):
        _print(session, N_("only where %(condition)s", condition=condition), 2)
    _print(session, N_("it passes if"), 2)
    for depth, text in describe_check(rule.check, rule.subjects):
        _print(session, text, 3 + depth)
    for zone in pack.zones:
        if zone.rule == rule.id:
            _show_class(session, zone)
    for name in rule.params:
        _print(
            session,
            N_("parameter %(text)s", text=describe_param(pack.params[name], pack.sources)),
            2,
        )
    needs = join((field_word(name, rule.subjects) for name in rule.needs), loose=True)
    _print(session, N_("needs: %(what)s", what=needs), 2)
    _print(session, N_("where it fails: %(what)s", what=describe_failure(rule)), 2)
    _print(session, N_("evidence: %(what)s", what=join(word(name) for name in rule.evidence)), 2)
    human = pick(dict(rule.human), session.language)
    _print(session, N_("a person decides: %(what)s", what=human), 2)


def _show_class(session: Session, zone: ZoneClass) -> None:
    """Print a class of places and what is demanded of its parts."""
    _print(session, f"{zone.id}  {pick(dict(zone.label), session.language)}", 2)
    for part in zone.parts:
        quality = pick(dict(part.profile.label), session.language)
        text = N_(
            "%(part)s: %(share)s at %(density)s (%(quality)s), %(height)s above the ground",
            part=word(part.kind),
            share=describe_value(part.fraction, "ratio"),
            density=describe_value(part.profile.px_per_m, "px/m"),
            quality=quality,
            height=describe_value(part.profile.target_height_m, "m"),
        )
        _print(session, text, 3)


def pack_to_dict(pack: Pack, rules: Rules) -> dict[str, Any]:
    """Return the head of a pack for a machine."""
    overrides = [entry for entry in rules.overrides if pack.id in (entry.pack, entry.by)]
    return {
        "id": pack.id,
        "version": pack.version,
        "sha256": pack.sha256,
        "title": dict(pack.title),
        "rank": pack.instrument.rank,
        "status": pack.instrument.status,
        "in_force": pack.instrument.in_force,
        "overrides": [override_to_dict(entry) for entry in overrides],
    }


def article_to_dict(article: Article) -> dict[str, Any]:
    """Return an article for a machine."""
    return {
        "n": article.n,
        "kind": article.kind,
        "gist": dict(article.gist),
        "rules": list(article.rules),
        "no_rule": None if article.no_rule is None else dict(article.no_rule),
    }


def rule_to_dict(rule: Rule, pack: Pack) -> dict[str, Any]:
    """Return a rule for a machine, its check in English words."""
    return {
        "id": rule.id,
        "article": rule.article,
        "title": dict(rule.title),
        "subject": list(rule.subjects),
        "where": [str(text) for text in describe_where(rule.where, rule.subjects)],
        "check": [
            "  " * depth + str(text) for depth, text in describe_check(rule.check, rule.subjects)
        ],
        "predicates": [check.name for check in rule.check.predicates()],
        "params": [
            {
                "name": name,
                "value": pack.params[name].value,
                "unit": pack.params[name].unit,
                "basis": pack.params[name].basis,
                "source": pack.params[name].source,
                "stricter": pack.params[name].stricter,
            }
            for name in rule.params
        ],
        "needs": list(rule.needs),
        "on_fail": rule.on_fail,
        "on_unknown": rule.on_unknown,
        "evidence": list(rule.evidence),
        "human": dict(rule.human),
    }


def show_differences(
    session: Session,
    before: Sequence[Document],
    after: Document,
    differences: Sequence[Difference],
    *,
    json_: bool,
) -> None:
    """Print what differs, section by section, the weakened marked."""
    names = [" + ".join(_version(entry) for entry in before), _version(after)]
    weakened = sum(entry.direction == "weakened" for entry in differences)
    if json_:
        rows = [{name: getattr(entry, name) for name in entry.__slots__} for entry in differences]
        session.show_json(
            {"before": names[0], "after": names[1], "weakened": weakened, "differences": rows}
        )
        return
    session.out.rule(Line(f"{names[0]} → {names[1]}"))
    for section, title in SECTIONS.items():
        own = [entry for entry in differences if entry.section == section]
        if own:
            _print(session, title, style="bold")
        for entry in own:
            _show_difference(session, entry)
    count = N_("differences: %(n)s, weakened: %(weak)s", n=len(differences), weak=weakened)
    _print(session, count)


def _version(document: Document) -> str:
    head: Any = document.data["pack"]
    return f"{head['id']} {head['version']}"


def _show_difference(session: Session, entry: Difference) -> None:
    weak = entry.direction == "weakened"
    mark = session.translate(CHANGES[entry.kind if entry.kind != "changed" else entry.direction])
    if weak and entry.kind != "changed":
        mark += ", " + session.translate(CHANGES["weakened"])
    line = f"{mark}  {entry.name}"
    if entry.field:
        line += f".{entry.field}: {_short(entry.before)} → {_short(entry.after)}"
    if len(entry.pack) and entry.kind != "added":
        line += f"  [{entry.pack}]"
    _print(session, line, 1, "bold" if weak else "")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
