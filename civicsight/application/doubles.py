"""What is built twice, as its page tells it: pairs, cards, and what falls without a camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from civicsight.application.scope import home_of
from civicsight.core.cache import Remembered
from civicsight.core.errors import N_
from civicsight.core.settings import present_day
from civicsight.coverage.findings.camera_set import recorded_costs
from civicsight.planning.duplicates import (
    Card,
    Duplicates,
    barred_by_article_9,
    duplicates,
    make_cards,
)
from civicsight.planning.judging.dossier import Dossier
from civicsight.presentation.evidence import finding_sentence, others_of
from civicsight.presentation.lexicon import FINDING_KINDS, number, share, word
from civicsight.presentation.names import Names
from civicsight.report.duplicates import row_of

if TYPE_CHECKING:
    from civicsight.core.progress import Progress
    from civicsight.coverage.result import CheckResult
    from civicsight.editing.project import Project
    from civicsight.store import Actor

PAIR_HEADINGS: Final = (
    N_("Camera"),
    N_("Finding"),
    N_("Beside"),
    N_("It alone sees"),
    N_("Works [yuan]"),
    N_("Why"),
)

_FOUND: Final[Remembered[Doubles]] = Remembered(3)


def kept_doubles(project: Project) -> Doubles | None:
    """Return what was found before, None if nothing was."""
    return _FOUND.find(project.digest)


def find_doubles(project: Project, progress: Progress | None = None) -> Doubles:
    """Judge every planned camera of a project, once for the same data."""

    def work() -> Doubles:
        dossier = Dossier(project.result, present_day())
        barred = barred_by_article_9(dossier)
        found = duplicates(project.result, barred=barred, progress=progress)
        return Doubles(found, make_cards(found))

    return _FOUND.get(project.digest, work)


def open_cameras(project: Project, actor: Actor) -> frozenset[str]:
    """Return the cameras that somebody may read of."""
    cameras = project.result.cameras
    home = home_of(cameras, actor, project.result.city)
    return frozenset(map(str, cameras.index[home]))


def list_pairs(
    result: CheckResult, names: Names, seen: frozenset[str]
) -> list[tuple[str, tuple[str, ...]]]:
    """Return the cameras that see what others see, each with its cells under `PAIR_HEADINGS`."""
    cost = dict(zip(result.cameras.index, recorded_costs(result.cameras), strict=True))
    pairs: list[tuple[str, tuple[str, ...]]] = []
    for row in result.duplicates.itertuples():
        camera, evidence = str(row.subject), row.evidence or {}
        if camera not in seen:
            continue
        others = others_of(evidence)
        beside = [names.cameras.get(one, one) for one in others if one in seen]
        hidden = len(others) - len(beside)
        if hidden:
            beside.append(names.translate(N_("%(count)s in other districts", count=hidden)))
        cells = (
            names.cameras.get(camera, camera),
            word(FINDING_KINDS, row.kind, names.language),
            names.translate(N_(", ")).join(beside),
            share(float(evidence["gain"])) if "gain" in evidence else "",
            number(float(cost.get(camera, float("nan")))),
            "" if hidden else finding_sentence(row, names),
        )
        pairs.append((camera, cells))
    return pairs


def list_cards(
    doubles: Doubles, names: Names, seen: frozenset[str]
) -> list[tuple[Card, tuple[str, ...]]]:
    """Return the cards of cameras to look at, each with its cells under `CARD_HEADINGS`."""
    return [
        (
            card,
            tuple("" if cell is None else _cell_text(names, cell) for cell in row_of(names, card)),
        )
        for card in doubles.cards
        if card.camera_id in seen
    ]


def _cell_text(names: Names, cell: object) -> str:
    return cell if isinstance(cell, str) else names.translate(cell)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Doubles:
    """What is built twice, and the card of each planned camera to look at."""

    found: Duplicates
    cards: tuple[Card, ...]
