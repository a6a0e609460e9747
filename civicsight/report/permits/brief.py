"""A facility in a few lines, for a terminal."""

from __future__ import annotations

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, translate
from civicsight.coverage.obstruction import Permit
from civicsight.report.permits.page import limit_in_words, surest_rows
from civicsight.report.permits.tables import limits_of
from civicsight.report.permits.words import HOLDS, KINDS, headline_of, verdict_of


def brief_permit(permit: Permit, language: Language) -> list[str]:
    """Return what a facility takes, how high it may be, how far it has to move."""
    facility, loss = permit.facility, permit.loss

    def say(text: Text) -> str:
        return translate(text, language)

    lines = [f"{facility.id} {facility.name} · {say(KINDS[facility.kind])}"]
    lines += ["  " + say(text) for text in (headline_of(permit), verdict_of(permit))]
    surest = surest_rows(loss.cameras)
    for (camera, holds), own in surest.groupby(["camera_id", "holds"], sort=False):
        lost = N_(
            "  %(camera)s loses %(lost)s of %(met)s samples, %(holds)s",
            camera=camera,
            lost=int(own["samples_lost"].sum()),
            met=int(own["samples_met"].sum()),
            holds=say(HOLDS[str(holds)]),
        )
        lines.append(say(lost))
    for _, row in limits_of(permit).iterrows():
        words = limit_in_words(row, say)
        limit = N_(
            "  to leave %(cover)s: greatest height %(height)s, smallest move %(move)s",
            cover=words["reading"],
            height=words["height"],
            move=words["move"],
        )
        lines.append(say(limit))
        if permit.years:
            begins = N_(
                "  as it grows it begins to take of %(cover)s: %(year)s",
                cover=words["reading"],
                year=words["year"],
            )
            lines.append(say(begins))
    return lines
