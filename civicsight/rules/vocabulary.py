"""Words for what packs and records call by short names: choices, fields, numbers, values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Final

from civicsight.core.errors import N_, Text, in_languages
from civicsight.model import CAMERAS, OBSTACLES, PLACES, PLANS, PROJECTS, ZONES
from civicsight.model.inputs import CITY_TABLES
from civicsight.rules.pack import Term, Vocabulary

LAYER_WORDS: Final[Mapping[str, Text]] = {
    "cameras": N_("cameras"),
    "buildings": N_("buildings"),
    "obstacles": N_("obstacles"),
    "canopies": N_("trees and woods"),
    "roads": N_("roads"),
    "places": N_("places"),
    "entrances": N_("entrances"),
    "barriers": N_("walls and fences"),
    "districts": N_("districts"),
    "private_places": N_("private places"),
    "signs": N_("signs"),
    "projects": N_("projects"),
    "plans": N_("plans"),
    "documents": N_("documents"),
    "answers": N_("answers"),
    "changes": N_("record of changes"),
    "consent_areas": N_("areas of prior consent"),
    "proposals": N_("proposed facilities"),
    "land_cover": N_("water and green areas"),
}
"""What each layer of a city is called."""

WORDS: Final[Mapping[str, Text]] = {
    **{
        value: label
        for column in (*PLACES, *CAMERAS)
        for value, label in column.labels.items()
        if column.name not in ("kind", "mount")
    },
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
    "recorded": N_("on record"),
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
    "in_implementation": N_("in implementation"),
    "new": N_("new building"),
    "rebuilt": N_("rebuilding"),
    "extended": N_("extension"),
    "tree": N_("tree"),
    "passed": N_("passed"),
    "failed": N_("failed"),
    "pending": N_("still to come"),
    "present": N_("there are such places"),
    "none_here": N_("there are none"),
    "shared": N_("shared"),
    "justified": N_("justified"),
    "consent": N_("consent"),
    "consultation": N_("note of a consultation"),
    "coordination_record": N_("record of coordination"),
    "design_chapter": N_("chapter of the design on the video system"),
    "design": N_("papers of the design"),
    "works": N_("papers of the works"),
    "inspection": N_("records of the inspection"),
    "acceptance": N_("minutes of the acceptance"),
    "security_plan": N_("rules of operational security"),
    "access_control": N_("rules of access"),
    "access_log_rule": N_("rules of logging access"),
    "training": N_("record of training"),
    "dpia": N_("data protection impact assessment"),
    "fleet_list": N_("list of vehicles and vessels"),
    "sharing_list": N_("list of what is shared"),
    "contractor_choice": N_("statement on the choice of contractors"),
    "remaining_articles": N_("articles that were not available"),
    "privacy_exposure": N_("assessment of privacy"),
    "marginal_gain": N_("what it adds to the others"),
    "reviewer_confirms": N_("confirmed by the reviewer"),
    "True": N_("yes"),
    "False": N_("no"),
    "answers": N_("answers of people"),
}
"""Words of the closed lists."""

FIELD_WORDS: Final[Mapping[str, Text]] = {
    "id": N_("identifier"),
    "lon": N_("longitude"),
    "lat": N_("latitude"),
    "azimuth_deg": N_("direction of view"),
    "co_departments": N_("departments that take part"),
    "crown_growth": N_("growth of the crown"),
    "dated_on": N_("day of the document"),
    "documents": N_("documents"),
    "in_force": N_("the day on which the law takes effect"),
    "index_compliance": N_("share of required parts that are covered for sure"),
    "index_conformance": N_("share of what is seen that is seen as finely as asked"),
    "index_reuse": N_("share of met demand that existing cameras meet"),
    "index_shared_ready": N_("share of met demand that is ready to be shared"),
    "index_privacy_violations": N_("cameras that break privacy"),
    "interface_standard": N_("standard of the network interface"),
    "key_target": N_("whether it is a counter-terrorism target"),
    "mask_plan": N_("masks of the picture"),
    "network_state": N_("connection to the shared network"),
    "night_reach_m": N_("range of its own light at night"),
    "opacity": N_("share of light that it stops"),
    "owner": N_("kind of owner"),
    "planned_on": N_("day for which it is planned"),
    "room_use": N_("use of the room"),
    "setting_class": N_("kind of place in the sense of the law"),
    "standing": N_("standing of the class"),
    "system_required": N_("need of a video system"),
}
"""Fields whose meaning in the tables explains more than a sentence can take, and those of none."""

MEASURES: Final[Mapping[str, Text]] = {
    "area_m2": N_("area in m²"),
    "floor_area_m2": N_("floor area in m²"),
    "length_m": N_("length in m"),
    "capacity": N_("capacity"),
    "voltage_v": N_("voltage in V"),
}
"""What a class of places may be measured by."""

NUMBERS: Final[Mapping[str, Text]] = {
    "gate_fraction": N_("share of a gate that has to be seen"),
    "passage_fraction": N_("share of a passage that has to be seen"),
    "perimeter_fraction": N_("share of a perimeter that has to be seen"),
    "area_fraction": N_("share of an area that has to be seen"),
    "tour_share": N_("share of time from which a tour counts for sure"),
    "forecourt_depth": N_("depth of a forecourt"),
    "least_compliance": N_("share of required parts that a plan has to cover"),
    "least_conformance": N_("share of what is seen that has to be seen as finely as asked"),
    "least_shared_ready": N_("share of met demand that has to be ready to be shared"),
    "large_area": N_("area from which a place counts as large"),
    "large_venue": N_("seats from which a venue counts as large"),
    "large_bridge": N_("length from which a bridge counts as large"),
    "high_voltage": N_("voltage from which a substation counts as important"),
    "dup_min_gain": N_("what a camera has to add to the others"),
    "dup_trivial_gain": N_("what counts as adding next to nothing"),
    "dup_distance": N_("distance within which cameras are twins"),
    "dup_bearing": N_("angle within which cameras look the same way"),
    "dup_contribution": N_("what the plan has to lose without a camera"),
    "pole_share": N_("distance within which a pole can be shared"),
    "reuse_radius": N_("distance within which existing cameras are considered"),
    "inventory_max_age": N_("age of an inventory at most"),
    "letter_max_age": N_("time before the plan in which a letter may be written"),
    "boundary_band": N_("distance from a border that asks for coordination"),
    "consent_band": N_("distance from protected areas that asks for consent"),
    "private_view_density": N_("density from which a view of private places counts"),
    "private_view_area": N_("private façade that may be seen"),
    "private_door_distance": N_("distance within which a camera faces a private door"),
    "private_door_angle": N_("angle within which a camera faces a private door"),
    "no_area": N_("area where nothing may be seen"),
    "public_view": N_("share of the view that has to be target or street"),
    "obstacle_loss": N_("required coverage that an obstacle may take"),
    "obstacle_view": N_("share of its view that an obstacle may take from a camera"),
    "sign_standard": N_("local standards that say where signs have to stand"),
    "tree_years": N_("years of growth of a tree"),
    "legacy_filing_days": N_("time in which an older system is filed"),
    "legacy_filing_by": N_("day by which an older system is filed"),
    "filing_days": N_("time in which a system is filed"),
    "change_filing_days": N_("time in which a change is filed"),
    "retention_min": N_("time for which images are kept at least"),
    "short_retention": N_("time for which keeping images needs no further reason"),
    "necessary_view": N_("share of the view that has to serve the purpose"),
    "retention_key_target": N_("the same at a counter-terrorism target"),
}
"""Numbers of the packs that are delivered."""

_FIELDS: Final[Mapping[str, Mapping[str, Text]]] = {
    kind: {column.name: column.meaning for column in table}
    for kind, table in (
        ("camera", CAMERAS),
        ("project", PROJECTS),
        ("plan", PLANS),
        ("zone", ZONES),
        ("obstacle", OBSTACLES),
    )
}
"""What each field means, by what the record is about: `kind` is of cameras, trees and works."""

_COLUMNS: Final[Mapping[str, Mapping[str, Text]]] = {
    table.name: {column.name: column.meaning for column in table} for table in CITY_TABLES
}


def word(text: object) -> Text:
    """Return a word of a pack as a person says it; one of no closed list stays as written."""
    if isinstance(text, Term | Vocabulary):
        return in_languages(text.label)
    return WORDS.get(str(text)) or Text("%(word)s", {"word": text})


def field_name(name: str, subjects: Collection[str] = ()) -> Text:
    """Return a field of a record as a person says it.

    Parameters
    ----------
    name
        The name that data use.
    subjects
        What the records are about, for a field that many of them have and each in its own sense.
    """
    if name in FIELD_WORDS:
        return FIELD_WORDS[name]
    for kind in (*subjects, *_FIELDS):
        if name in _FIELDS[kind]:
            return _FIELDS[kind][name]
    for words in (LAYER_WORDS, MEASURES):
        if name in words and name not in WORDS:
            return words[name]
    layer, _, column = name.partition(".")
    if column in _COLUMNS.get(layer, ()):
        return N_("%(layer)s: %(field)s", layer=LAYER_WORDS[layer], field=_COLUMNS[layer][column])
    return word(name)


CODED: Final = N_("%(meaning)s [%(name)s]")
"""A field with the name that data use."""


@cache
def field_word(name: str, subjects: tuple[str, ...] = ()) -> Text:
    """Return a field of a record as a person says it, with the name that data use."""
    if any(name in fields for fields in _FIELDS.values()):
        return replace(CODED, values={"meaning": field_name(name, subjects), "name": name})
    return field_name(name, subjects)


def without_codes(text: Text) -> Text:
    """Return a sentence without the names that data use, for whoever reads no data."""
    meaning = text.values.get("meaning") if text.template == CODED.template else None
    if isinstance(meaning, Text):
        return without_codes(meaning)
    inner = {
        key: without_codes(value) if isinstance(value, Text) else value
        for key, value in text.values.items()
    }
    return replace(text, values=inner)


def measure_word(name: str) -> Text:
    """Return what a class of places is measured by, as a person says it."""
    return MEASURES.get(name) or word(name)


def number_word(name: str) -> Text:
    """Return what a number of a pack means; one of a user's own pack keeps its name."""
    return NUMBERS.get(name) or Text("%(word)s", {"word": name})


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


def describe_value(value: object, unit: str) -> Text:
    """Return a number with its unit, a share as percent, or a date."""
    if value is None:
        return N_("no limit")
    if not isinstance(value, float):
        return Text("%(value)s", {"value": value})
    if unit == "ratio":
        return Text("%(value)s %%", {"value": f"{value * 100:g}"})
    if unit == "deg":
        return Text("%(value)s°", {"value": f"{value:g}"})
    units = {"day": N_("days"), "year": N_("years"), "count": Text("")}
    shown = units.get(unit) or Text("%(unit)s", {"unit": unit.replace("m2", "m²")})
    return Text("%(value)s %(unit)s", {"value": f"{value:,g}", "unit": shown})
