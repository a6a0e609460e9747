"""Predicates over papers and people: documents on file, declarations, questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import pandas as pd

from civicsight.core.days import Bound, find_misdated, read_day
from civicsight.core.errors import N_, Text
from civicsight.rules.closed import entries_of, find_term
from civicsight.rules.dossier import Dossier, Subject
from civicsight.rules.predicates.declaration import (
    ABOUT,
    DEMANDED,
    Look,
    Parameter,
    choice,
    choices,
    declare,
    looks,
    quantity,
)
from civicsight.rules.ruling import ASKING, Ruling, failed, not_recorded, passed, unknown
from civicsight.rules.vocabulary import field_name, field_word, join, word

SETTLED: Final = ("designated", "confirmed")
"""Standings of a place that somebody has looked at."""


@declare(
    N_("a document is on file"),
    choices("kind", N_("kinds of documents")),
    choice("per", N_("for every"), "department", required=False),
    Parameter("before", N_("dated before"), "field"),
    Parameter("vocabulary", N_("on the list"), "vocabularies"),
    Parameter("since", N_("not dated before"), "field"),
    quantity("minus", N_("and earlier by"), "day", "lower", required=False),
    Parameter("until", N_("and, once it is known, not after"), "field"),
    looks=(
        Look("documents", beside=True),
        Look(
            "documents",
            (("subject",),),
            (ABOUT, ("camera", "zone", "obstacle", "project")),
            beside=True,
        ),
    ),
)
def document(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether every kind of document is on file, for each department where the rule says so.

    A document of a day on which it cannot have been written is not on file.
    """
    found = _papers_of(dossier, subject)
    papers, wrong = _dated(dossier, subject, found[found["kind"].isin(values["kind"])], values)
    if values.get("per") == "department":
        return _per_department(dossier, subject, papers, values, wrong)
    filed = set(papers["kind"]) if len(papers) else ()
    absent = [kind for kind in values["kind"] if kind not in filed]
    if absent:
        text = N_("not on file: %(kinds)s", kinds=join(map(word, absent)))
        if not len(dossier.city.documents) and not subject.value("documents"):
            return unknown(text, missing=["documents"])
        return failed(text, *wrong, kinds=absent)
    if "before" in values:
        return _dated_before(subject, papers[papers["kind"].isin(values["kind"])], values["before"])
    return passed(documents=papers.index[papers["kind"].isin(values["kind"])].tolist())


def _papers_of(dossier: Dossier, subject: Subject) -> pd.DataFrame:
    """Return the documents of a subject and of the whole plan; a list in a cell counts too."""
    found = dossier.papers_of(subject.label)
    more = _listed(subject, "documents")
    if not more:
        return found
    extra = pd.DataFrame(
        {"kind": [dossier.document_kind(name) for name in more]},
        index=[f"{subject.label}/{name}" for name in more],
    )
    return pd.concat([found, extra])


def _dated(
    dossier: Dossier, subject: Subject, papers: pd.DataFrame, values: Mapping[str, Any]
) -> tuple[pd.DataFrame, list[Text]]:
    """Return the papers of a day on which they can be, and why the others cannot."""
    since, until = (_bound(subject, values.get(name)) for name in ("since", "until"))
    if since is not None:
        since = since._replace(day=since.day - timedelta(values.get("minus", 0)))
    days = [read_day(value) for value in papers["dated_on"]] if len(papers) else []
    told = [
        None
        if day is None
        else find_misdated(
            N_("a document: %(label)s", label=label), day, dossier.today, since=since, until=until
        )
        for label, day in zip(papers.index, days, strict=True)
    ]
    return papers[[text is None for text in told]], [text for text in told if text is not None]


def _bound(subject: Subject, field: str | None) -> Bound | None:
    day = None if field is None else read_day(subject.value(field))
    return None if day is None or field is None else Bound(day, field_name(field, (subject.kind,)))


def _listed(subject: Subject, name: str) -> list[str]:
    """Return the entries of a cell that lists several, whichever width its separators have."""
    return entries_of(str(subject.value(name) or ""))


def _per_department(
    dossier: Dossier,
    subject: Subject,
    papers: pd.DataFrame,
    values: Mapping[str, Any],
    wrong: Sequence[Text],
) -> Ruling:
    """Ask for a note of each department that the law names, and of those that the plan names."""
    lists = values.get("vocabulary", ())
    named = _listed(subject, "co_departments")
    if not named and not lists:
        return not_recorded("plan", "co_departments")
    heard = set(papers["department"].dropna()) if len(papers) else set()
    terms = {
        id(find_term(entry, lists, dossier.places))
        for department in heard
        for entry in entries_of(department)
    }
    silent = [
        word(term) for vocabulary in lists for term in vocabulary.terms if id(term) not in terms
    ]
    silent += [
        word(name)
        for name in named
        if name not in heard and not find_term(name, lists, dossier.places)
    ]
    if not silent and not named:
        return not_recorded("plan", "co_departments")  # it may name more than the law does
    undated = papers["dated_on"].isna() if len(papers) else pd.Series(dtype=bool)
    if not silent and "since" in values and undated.any():
        dated = set(papers.loc[~undated, "department"].dropna())
        if heard - dated:
            return not_recorded("plan", "dated_on")
    if not silent:
        return passed(departments=sorted(heard))
    text = N_("no note of: %(departments)s", departments=join(silent))
    if dossier.city.documents.empty:
        return unknown(text, missing=["documents"])
    return failed(text, *wrong)


def _dated_before(subject: Subject, papers: pd.DataFrame, field: str) -> Ruling:
    last = subject.value(field)
    dated = papers["dated_on"].dropna()
    if last is None or dated.empty:
        missing = [field] if last is None else ["dated_on"]
        return unknown(
            N_("not recorded: %(fields)s", fields=field_word(missing[0])), missing=missing
        )
    if dated.min() <= last:
        return passed(dated_on=dated.min())
    text = N_("the document is of %(day)s, after %(last)s", day=dated.min(), last=last)
    return failed(text, dated_on=dated.min())


@declare(
    N_("a person declared it"),
    choice("per", N_("for every"), "zone_class", "duplicate_finding"),
    choices("options", N_("answers")),
    asks_people=True,
    looks=looks(("per", ("duplicate_finding",)), *DEMANDED),
)
def declared(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether a person declared each class of places, or each duplicate."""
    del subject
    of_law = values["per"] == "zone_class"
    wanted = _classes(dossier, values[ASKING]) if of_law else _duplicates(dossier)
    said = dossier.city.answers
    done = set(said.loc[said["answer"].isin(values["options"]), "subject"].dropna())
    open_ones = [name for name in wanted if name not in done]
    if not open_ones:
        return passed()
    text = N_("not declared: %(subjects)s", subjects=", ".join(open_ones))
    if said.empty:
        return unknown(text, missing=["answers"], subjects=open_ones)
    return failed(text, subjects=open_ones)


def _classes(dossier: Dossier, pack: str) -> list[str]:
    """Return the classes of a law of which nobody has settled a single place."""
    places = (place.row for place in dossier.subjects("zone"))
    settled = (place for place in places if place["standing"] in SETTLED)
    seen = {item for place in settled for item in dossier.classes_of(place, pack)}
    return [zone.id for zone in dossier.rules.pack(pack).zones if zone.id not in seen]


def _duplicates(dossier: Dossier) -> list[str]:
    found = dossier.result.duplicates
    judged = found[found["outcome"].isin(["fail", "undetermined"]) & found["kind"].ne("near")]
    return sorted(set(judged["subject"]))


@declare(
    N_("only a person can say"),
    Parameter("question", N_("question"), "word", required=True),
    asks_people=True,
)
def ask(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask a person; the answer is looked up where rulings are made."""
    del dossier, subject, values
    return unknown(N_("only a person can say"), missing=["answers"])
