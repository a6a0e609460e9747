"""Predicates over the coverage matrix: covered, adding enough, offered to what exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from civicsight.core.errors import N_
from civicsight.coverage.demand.asked import classes_of, in_class
from civicsight.planning.judging.dossier import Dossier, Subject
from civicsight.planning.judging.ruling import ASKING, Ruling, failed, not_recorded, passed, unknown
from civicsight.rules.wording import word

BUILDERS: Final[Mapping[str, str]] = {
    "government": "government_department",
    "operator": "responsible_operator",
    "duty_holder": "duty_holder",
}
"""Builders of a camera's record, by whom a class of places names."""


def covered(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether all parts that a place has to show are seen well enough, for sure.

    A law asks for the parts that its own class of the place demands. What only an assumed pose
    covers is undetermined, and so is a place without a part.
    """
    if subject.value("qualifier") is not None:
        return _possibly(subject)
    parts = dossier.result.parts
    mine = parts.index[parts["zone_id"].eq(subject.label) & in_class(parts, values[ASKING])]
    if not len(mine):
        return unknown(N_("no entrance or part of it is known"), missing=["parts"])
    status = dossier.result.part_status["status"].reindex(mine)
    gaps = status.index[status.eq("gap")].tolist()
    unsure = status.index[status.isin(["assumed", "possible"])].tolist()
    unjudged = status.index[status.isna()].tolist()
    if gaps:
        certainty, severity = _gravest(dossier, gaps)
        text = N_("%(gaps)s of %(parts)s parts are not covered", gaps=len(gaps), parts=len(mine))
        return Ruling("fail", (text,), certainty, (), {"gaps": gaps, "unsure": unsure}, severity)
    lawful = dossier.lawful_status["status"].reindex(mine)
    masks = status.index[status.eq("covered") & lawful.ne("covered")].tolist()
    if masks and not unsure and not unjudged:
        text = N_(
            "%(count)s of %(parts)s parts are covered only by cameras that see more of private "
            "façades than allowed; they count once masked, turned or moved",
            count=len(masks),
            parts=len(mine),
        )
        return unknown(text, missing=["mask_plan"], unlawful=masks)
    if unsure or unjudged:
        text = N_(
            "%(count)s of %(parts)s parts are covered only if an assumption holds, or could not be "
            "judged",
            count=len(unsure) + len(unjudged),
            parts=len(mine),
        )
        return unknown(text, missing=["optics"], unsure=unsure, unjudged=unjudged)
    return passed(parts=len(mine))


def built_by(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether a camera of whom the class names to build covers each part that is covered.

    That a part is not covered at all is another question; that somebody else's camera sees it too
    does not take the duty away.
    """
    pack = values[ASKING]
    own = [one for one in classes_of(subject.row) if one.pack == pack]
    named = [dossier.rules.zone_class(pack, one.item).builder or "" for one in own]
    wanted = next((BUILDERS[name] for name in named if name in BUILDERS), None)
    if wanted is None:
        return unknown(N_("the law does not say who builds here"), missing=["builder"])
    parts = dossier.result.parts
    mine = parts.index[parts["zone_id"].eq(subject.label) & in_class(parts, pack)]
    status = dossier.result.part_status.reindex(mine)
    covered_by = status.loc[status["status"].eq("covered"), "cameras"]
    if covered_by.empty:
        return unknown(N_("no part of it is covered for sure"), missing=["parts"])
    cameras = dossier.tables["camera"]
    builder = cameras.loc[cameras["status"].isin(values["by"]), "builder"]
    built = {part: builder.reindex(list(seen)) for part, seen in covered_by.items()}
    lacking = {part: said for part, said in built.items() if not said.eq(wanted).any()}
    unsaid = [part for part, said in lacking.items() if said.isna().any()]
    others = [part for part in lacking if part not in unsaid]
    if others:
        text = N_(
            "%(parts)s covered parts have no camera of: %(builder)s",
            parts=len(others),
            builder=word(wanted),
        )
        return failed(text, parts=others)
    if unsaid:
        return not_recorded("camera", "builder")
    return passed(parts=len(covered_by))


def _possibly(subject: Subject) -> Ruling:
    """Say of a place that its measure alone leaves out of its class what is open."""
    text = N_(
        "possibly such a place, and nothing of it was judged: whether it is %(word)s is open, by a "
        "measure of %(value)s, while %(least)s are assumed",
        word=dict(subject.row["qualifier"]),
        value=_figure(subject.row["value"]),
        least=_figure(subject.row["at_least"]),
    )
    return unknown(text, missing=["standing"])


def _figure(value: float) -> str:
    return "?" if value != value else f"{value:,.0f}"  # noqa: PLR0124 - NaN


def _gravest(dossier: Dossier, gaps: list[str]) -> tuple[float, str | None]:
    """Return the certainty and the severity of the gravest finding of parts."""
    found = dossier.result.gaps
    found = found[found["subject"].isin(gaps)]
    for severity in ("violation", "warning", "info"):
        same = found[found["severity"].eq(severity)]
        if len(same):
            return float(same["certainty"].max()), severity
    return 1.0, None


def marginal_gain(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether a camera adds enough to those that exist or are approved."""
    del values
    return dossier.finding(subject, "marginal_gain")


def contribution(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether the plan loses enough without a camera.

    Of a camera that adds too little to what is there the check says that alone; what it adds to the
    whole plan is no more than that.
    """
    ruling = dossier.finding(subject, "contribution")
    beside = dossier.finding(subject, "marginal_gain")
    if ruling.outcome != "pass" or "gain" not in beside.evidence:
        return ruling
    if beside.evidence["gain"] < float(values["at_least"]):
        return beside
    return unknown(*beside.because, missing=["optics"], **beside.evidence)


def reuse_considered(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether no gap of a place could be closed by turning a camera that exists."""
    del values
    parts = dossier.result.parts
    mine = parts.index[parts["zone_id"].eq(subject.label)]
    gaps = dossier.result.gaps
    found = gaps[gaps["subject"].isin(mine)]
    offers = {
        str(row["subject"]): [entry["camera"] for entry in row["evidence"].get("reuse", [])]
        for _, row in found.iterrows()
        if row["evidence"].get("reuse")
    }
    if not offers:
        return passed()
    cameras = sorted({camera for names in offers.values() for camera in names})
    text = N_("existing cameras could be turned: %(cameras)s", cameras=", ".join(cameras[:5]))
    return failed(text, offers=offers)
