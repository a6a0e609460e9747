"""What a rule asks, in words: its predicates with their parameters, to be read in any language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from civicsight.errors import N_, Text
from civicsight.rules.pack import Check, Param, Rule, Source
from civicsight.rules.predicates import PREDICATES, Parameter
from civicsight.schema import CAMERAS, OBSTACLES, PLANS, PROJECTS, ZONES

COMBINED: Final[Mapping[str, Text]] = {
    "all": N_("all of these hold:"),
    "any": N_("at least one of these holds:"),
}
"""What joins checks."""

KEYS: Final[Mapping[str, Text]] = {
    "layer": N_("layer"),
    "exactly": N_("exactly"),
    "buffer": N_("at a distance of"),
    "scope": N_("kinds of privacy"),
    "setting": N_("for cameras"),
    "output": N_("in the output"),
    "by": N_("counting cameras"),
    "parts": N_("parts of"),
    "against": N_("compared with"),
    "same_profile": N_("at the same or a better quality"),
    "at_least": N_("at least"),
    "distance": N_("within a distance of"),
    "bearing": N_("and an angle of"),
    "radius": N_("within a radius of"),
    "area": N_("area at most"),
    "density": N_("counted from"),
    "within": N_("within a distance of"),
    "angle": N_("and an angle of"),
    "negate": N_("must not hold"),
    "of": N_("seen by cameras"),
    "loss": N_("loss at most"),
    "parts_stay_covered": N_("no part falls below its share"),
    "years": N_("after a growth of"),
    "per": N_("for every"),
    "fields": N_("fields"),
    "field": N_("field"),
    "values": N_("one of"),
    "left": N_("compared"),
    "op": N_("relation"),
    "right": N_("with"),
    "plus": N_("and later by"),
    "minus": N_("and earlier by"),
    "key_target": N_("for a counter-terrorism target instead"),
    "lexicon": N_("lexicon"),
    "kind": N_("kinds of documents"),
    "before": N_("dated before"),
    "options": N_("answers"),
    "question": N_("question"),
}
"""What each parameter of a predicate means."""

WORDS: Final[Mapping[str, Text]] = {
    "existing": N_("existing"),
    "approved": N_("approved"),
    "planned": N_("planned"),
    "pole": N_("poles"),
    "jurisdiction": N_("the city's area"),
    "district": N_("districts"),
    "district_edge": N_("borders of districts"),
    "designated_secret": N_("secret places"),
    "consent_layer": N_("areas that need prior consent"),
    "privacy": N_("private places"),
    "privacy_entrance": N_("doors of private places"),
    "whole_interior": N_("the whole inside"),
    "interior_rooms": N_("rooms inside"),
    "facade_openings": N_("openings of the façade"),
    "indoor": N_("indoors"),
    "outdoor": N_("outdoors"),
    "public": N_("for the public"),
    "zone": N_("the place"),
    "approach": N_("approach"),
    "department": N_("department"),
    "zone_class": N_("class of places"),
    "duplicate_finding": N_("duplicate"),
    "vendors": N_("brands and vendors"),
    "instrument.in_force": N_("the day on which the law takes effect"),
    "camera": N_("camera"),
    "obstacle": N_("obstacle"),
    "project": N_("project"),
    "plan": N_("plan"),
    "missing": N_("missing"),
    "law": N_("law"),
    "standard": N_("standard"),
    "assumption": N_("assumption"),
    "geometry": N_("position"),
    "optics": N_("lens and direction"),
    "inventory": N_("inventory"),
    "parts": N_("parts of places"),
    "zones": N_("mandatory places"),
    "buildings": N_("buildings"),
    "entrances": N_("entrances"),
    "signs": N_("signs"),
    "obstacle_shape": N_("shape of the obstacle"),
    "tree_size": N_("size of the tree"),
    "dates": N_("dates"),
    "documents": N_("documents"),
    "table": N_("table"),
    "marker": N_("marker"),
    "timeline": N_("timeline"),
    "text_span": N_("passage of the text"),
    "viewshed": N_("area of view"),
    "gap": N_("what is not seen"),
    "covering_cameras": N_("cameras that see it"),
    "candidate_cameras": N_("cameras that could see it"),
    "overlap": N_("overlap"),
    "gain": N_("gain"),
    "pair_line": N_("line between the two"),
    "privacy_hits": N_("private places met"),
    "mask": N_("mask"),
    "sign": N_("sign"),
    "lost_coverage": N_("lost coverage"),
    "entrance": N_("entrance"),
    "vehicle_entrance": N_("vehicle entrance"),
    "passage": N_("passage"),
    "perimeter": N_("perimeter"),
    "area": N_("area"),
    "road_section": N_("road section"),
    "junction": N_("junction"),
    "portal": N_("portal"),
    "deck": N_("deck"),
    "violation": N_("violation"),
    "warning": N_("warning"),
    "info": N_("information"),
    "judgement": N_("a question for a person"),
    "designated": N_("designated by the authority"),
    "confirmed": N_("confirmed by a person"),
    "candidate": N_("candidate from map data"),
    "in_implementation": N_("in implementation"),
    "listed_public": N_("public place that the law lists"),
    "other_public": N_("other public place"),
    "non_public": N_("place that is not public"),
    "government": N_("funded by the government"),
    "government_leased": N_("leased by the government"),
    "non_government": N_("not the government's"),
    "government_department": N_("government department"),
    "responsible_operator": N_("operator in charge"),
    "duty_holder": N_("holder of the duty"),
    "lobby": N_("lobby"),
    "corridor": N_("corridor"),
    "stairs": N_("stairs"),
    "reception": N_("reception"),
    "dining_hall": N_("dining hall"),
    "plant_room": N_("plant room"),
    "new": N_("new building"),
    "rebuilt": N_("rebuilding"),
    "extended": N_("extension"),
    "tree": N_("tree"),
    "passed": N_("passed"),
    "connected": N_("connected"),
    "scheduled": N_("connection scheduled"),
    "present": N_("there are such places"),
    "none_here": N_("there are none"),
    "removed": N_("removed"),
    "shared": N_("shared"),
    "justified": N_("justified"),
    "consent": N_("consent"),
    "consultation": N_("note of a consultation"),
    "coordination_record": N_("record of coordination"),
    "design_chapter": N_("chapter of the design on the video system"),
    "fleet_list": N_("list of vehicles and vessels"),
    "sharing_list": N_("list of what is shared"),
    "contractor_choice": N_("statement on the choice of contractors"),
    "remaining_articles": N_("articles that were not available"),
    "privacy_exposure": N_("assessment of privacy"),
    "marginal_gain": N_("what it adds to the others"),
    "reviewer_confirms": N_("confirmed by the reviewer"),
    "True": N_("yes"),
    "answers": N_("answers of people"),
}
"""Words of the closed lists."""

_FIELDS: Final[Mapping[str, Text]] = {
    column.name: column.meaning
    for table in (OBSTACLES, ZONES, PLANS, PROJECTS, CAMERAS)
    for column in table
}


def word(text: object) -> Text:
    """Return a word of a pack as a person says it; one of no closed list stays as written."""
    return WORDS.get(str(text)) or Text("%(word)s", {"word": text})


def field_word(name: str) -> Text:
    """Return a field of a record as a person says it, with the name that data use."""
    if name in _FIELDS:
        return N_("%(meaning)s [%(name)s]", meaning=_FIELDS[name], name=name)
    return word(name)


def join(texts: Iterable[Text], *, loose: bool = False) -> Text:
    """Join words with commas, or sentences loosely with semicolons, to one line."""
    joined = Text("")
    for number, text in enumerate(texts):
        if not number:
            joined = text
        elif loose:
            joined = N_("%(one)s; %(other)s", one=joined, other=text)
        else:
            joined = N_("%(one)s, %(other)s", one=joined, other=text)
    return joined


def describe_check(check: Check, depth: int = 0) -> Iterator[tuple[int, Text]]:
    """Yield a check line by line, each with how deep it stands in others."""
    if check.checks:
        yield depth, COMBINED[check.name]
        for inner in check.checks:
            yield from describe_check(inner, depth + 1)
        return
    predicate = PREDICATES[check.name]
    details = join(
        (_detail(key, value, predicate.parameters[key]) for key, value in check.values.items()),
        loose=True,
    )
    if not check.values:
        yield depth, predicate.meaning
        return
    yield depth, N_("%(meaning)s (%(details)s)", meaning=predicate.meaning, details=details)


def _detail(key: str, value: Any, parameter: Parameter) -> Text:
    if parameter.kind == "flag":
        return KEYS[key] if value else N_("not: %(what)s", what=KEYS[key])
    values = value if isinstance(value, tuple) else (value,)
    fields = parameter.kind in ("field", "fields", "operand")
    say = field_word if fields else word
    shown = join(
        (
            _number(entry, parameter.unit) if isinstance(entry, float) else say(entry)
            for entry in values
        ),
        loose=fields,
    )
    return N_("%(key)s %(value)s", key=KEYS[key], value=shown)


def _number(value: float, unit: str) -> Text:
    return say_value(value, unit or "day")


def say_value(value: object, unit: str) -> Text:
    """Return a number with its unit, a share as percent, or a date."""
    if value is None:
        return N_("no limit")
    if not isinstance(value, float):
        return Text("%(value)s", {"value": value})
    if unit == "ratio":
        return Text("%(value)s %%", {"value": f"{value * 100:g}"})
    units = {"day": N_("days"), "year": N_("years"), "count": Text(""), "deg": Text("°")}
    shown = units.get(unit) or Text("%(unit)s", {"unit": unit.replace("m2", "m²")})
    return Text("%(value)s %(unit)s", {"value": f"{value:g}", "unit": shown})


def describe_where(conditions: Mapping[str, Any]) -> Iterator[Text]:
    """Yield the conditions under which a rule applies, or becomes more severe."""
    for key, condition in conditions.items():
        name = field_word(key)
        if not isinstance(condition, Mapping):
            listed = condition if isinstance(condition, tuple) else (condition,)
            yield N_("%(key)s: %(value)s", key=name, value=join(word(entry) for entry in listed))
        elif "missing" in condition:
            yield N_("%(key)s: %(value)s", key=name, value=WORDS["missing"])
        elif "below" in condition:
            value = say_value(condition["below"], "ratio")
            yield N_("%(key)s: below %(value)s", key=name, value=value)
        elif "before" in condition:
            yield N_("%(key)s: before %(value)s", key=name, value=word(condition["before"]))
        else:
            yield N_("%(key)s: from %(value)s", key=name, value=word(condition["from"]))


def describe_param(param: Param, sources: Mapping[str, Source]) -> Text:
    """Return a parameter with its value, what it stands on and which way it is stricter.

    A source that is not among those of the pack is one of a user's pack and keeps its short name.
    """
    directions = {
        "higher": N_("later is stricter") if param.unit == "date" else N_("higher is stricter"),
        "lower": N_("earlier is stricter") if param.unit == "date" else N_("lower is stricter"),
    }
    return N_(
        "%(name)s = %(value)s (%(basis)s; %(stricter)s; source: %(source)s)",
        name=param.name,
        value=say_value(param.value, param.unit),
        basis=word(param.basis),
        source=sources[param.source].ref if param.source in sources else param.source,
        stricter=directions.get(param.stricter, N_("neither way is stricter")),
    )


def describe_failure(rule: Rule) -> Text:
    """Return how grave it is when a rule fails."""
    text = word(rule.on_fail)
    if rule.escalate_to:
        when = join(describe_where(rule.escalate_when))
        text = N_(
            "%(one)s; %(other)s where %(when)s", one=text, other=word(rule.escalate_to), when=when
        )
    if rule.on_unknown:
        text = N_(
            "%(one)s; %(other)s where data are missing", one=text, other=word(rule.on_unknown)
        )
    return text
