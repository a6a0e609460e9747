"""What a draft does in sentences: what a camera sees, adds and doubles, and how a part stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from civicsight.core.errors import N_, Text
from civicsight.coverage.pose.placement import PLACEMENT_REASONS
from civicsight.editing.gap_changes import COVERED, judge_parts
from civicsight.model import NEED
from civicsight.presentation.lexicon import number, share
from civicsight.presentation.symbols import PART_LABELS

if TYPE_CHECKING:
    from civicsight.editing.draft import Draft
    from civicsight.editing.edit_context import EditContext
    from civicsight.editing.preview import Doubling, Exposing, Preview
    from civicsight.rules import Rules

MOVED: Final = frozenset(
    {"on_wall", "in_wall", "recorded_indoor", "off_terrain", "off_map", "deep_inside"}
)
"""Reasons of placement that a planner has to know of."""


Called = Callable[[str], str]
"""Returns what a camera, a part or a private place is called."""


def describe_preview(
    found: Preview, rules: Rules, called: Called = str
) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """Say what a preview found: what a planner has to heed, and what the camera does."""
    heed = _law(found.exposing, rules, called)
    if found.parts:
        heed += _doubled(found.doubling, called)
    placed = [N_("Its place: %(reason)s.", reason=PLACEMENT_REASONS[found.reason])] * (
        found.reason in MOVED
    )
    facts = [*placed, *_parts(found, called)]
    if found.exposing.outcome == "pass":
        facts.append(N_("It sees nothing private as far as maps and registers tell."))
    return tuple(heed), tuple(facts)


def describe_part(draft: Draft, edit_context: EditContext, label: str) -> tuple[Text, ...]:
    """Say how a part stands in a draft, and how it stood if that has changed."""
    judged = judge_parts(draft, edit_context, [label])
    if judged.empty:
        return (N_("It could not be judged."),)
    row = judged.iloc[0]
    coming = row["status"] == COVERED and not row["built"]
    said = [
        N_(
            "With this draft: %(status)s. Asked for: %(need)s px/m; at best: %(best)s px/m.",
            status=PART_LABELS["unbuilt" if coming else str(row["status"])],
            need=number(row[NEED]),
            best=number(row["best_px_m"]),
        )
    ]
    before = edit_context.result.part_status["status"].get(label)
    if before is not None and before != row["status"]:
        said.append(N_("As it is: %(status)s.", status=PART_LABELS[str(before)]))
    return tuple(said)


def _law(found: Exposing, rules: Rules, called: Called) -> list[Text]:
    article = privacy_article(rules)
    said = []
    if found.inside:
        said.append(
            N_(
                "It stands on a private place (%(places)s): Article %(article)s.",
                places=_listed(found.inside, called),
                article=article,
            )
        )
    if found.possible_m2 > found.allowed_m2:
        sees = {"area": number(found.sure_m2), "density": number(found.density_px_m)}
        if found.sure_m2 > found.allowed_m2:
            text = N_(
                "It sees %(area)s m² of private facades at %(density)s px/m or more: turn it away "
                "or mask them (Article %(article)s).",
                **sees,
                article=article,
            )
        else:
            text = N_(
                "It could see %(area)s m² of private facades at %(density)s px/m or more, as far "
                "as its pose is assumed (Article %(article)s).",
                area=number(found.possible_m2),
                density=number(found.density_px_m),
                article=article,
            )
        said.append(text)
    if found.doors:
        text = (
            N_(
                "It faces private doors: %(doors)s (Article %(article)s).",
                doors=", ".join(found.doors),
                article=article,
            )
            if found.doors_sure
            else N_(
                "It may face private doors: %(doors)s (Article %(article)s).",
                doors=", ".join(found.doors),
                article=article,
            )
        )
        said.append(text)
    return said


def _parts(found: Preview, called: Called) -> list[Text]:
    ground = {area.level: area.area_m2 for area in found.classes}
    least = found.classes[0]
    said = [
        N_(
            "It sees %(area)s m² of ground at %(density)s px/m or more.",
            area=number(ground[least.level]),
            density=number(least.px_per_m),
        )
    ]
    newly = found.newly_met
    if newly:
        said.append(N_("Covered for sure because of it: %(parts)s.", parts=_listed(newly, called)))
    elif found.parts:
        said.append(
            N_("It closes no gap; parts it has a share in: %(count)s.", count=len(found.parts))
        )
    else:
        said.append(N_("It sees nothing that the law asks for."))
    return said


def _doubled(found: Doubling, called: Called) -> list[Text]:
    if not found.is_duplicate:
        return []
    others = ", ".join(f"{called(camera)} {share(part)}" for camera, part in found.others)
    values = {
        "gain": share(found.gain),
        "least": share(found.least_gain),
        "kept": share(found.kept),
        "articles": ", ".join(found.articles),
    }
    said = [
        N_(
            "Duplicate (Article %(articles)s): of what it sees, it adds %(gain)s to what stands, "
            "and the plan would lose %(kept)s without it; at least %(least)s is asked for.",
            **values,
        )
    ]
    if others:
        said.append(N_("The same is seen by: %(others)s.", others=others))
    return said


def _listed(labels: Iterable[str], called: Called) -> str:
    return ", ".join(map(called, labels))


def privacy_article(rules: Rules) -> str:
    """Return the article of the most local law on views of private places."""
    found = [
        rule.article
        for rule in rules.by_predicate("sees_at_most")
        if any(check.values.get("layer") == "privacy" for check in rule.check.predicates())
    ]
    return found[-1] if found else ""
