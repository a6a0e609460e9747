"""What outputs say of their origin: sources, licences, made-up data, a law that lies elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import shapely

from civicsight.core.errors import N_, Text
from civicsight.core.extensions import extensions
from civicsight.core.i18n import SOURCE_LANGUAGE, Language, columns_of, in_all, pick, translate
from civicsight.io.crs import LONLAT, moved
from civicsight.model import City
from civicsight.presentation.lexicon import STATUSES
from civicsight.rules.departures import describe_weakened
from civicsight.rules.vocabulary import join

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.rules import Rules


ODBL: Final = N_(
    "Data from OpenStreetMap are © OpenStreetMap contributors, under the Open Database License 1.0 "
    "(opendatacommons.org/licenses/odbl/1-0): name the source, and share what you make of the data "
    "base alike."
)
MADE_UP: Final = N_("Made-up data: no such place exists.")
INVENTED: Final = N_("Made-up data: this district, its places and its cameras do not exist.")
"""The same in full, on pages."""


WEAKENED: Final = N_("Demands that a user made weaker")
NOTES: Final = {
    "TITLE": N_("Title"),
    "SOURCES": N_("Sources"),
    "CRS": N_("Coordinate system"),
    "ATTRIBUTION": N_("Attribution"),
    "LICENCE": N_("Licence"),
    "SYNTHETIC": N_("Made-up data"),
    "RULE_PACKS": N_("Rule packs"),
    "RULE_SHA256": N_("Check codes of the rule packs"),
    "RULES_WEAKENED": WEAKENED,
    "EXTENSIONS": N_("Packages that add to the program"),
    "ROOT": N_("Root of the version"),
    "DIGEST": N_("Check code of the report"),
}
"""What people call the keys of a notice; some end with a language."""


def note_label(key: str) -> str:
    """Return what people call a key of a notice, in every language; other keys as they are."""
    named = NOTES.get(key) or NOTES.get(key.rpartition("_")[0])
    return key if named is None else in_all(named)


def licences_of(city: City) -> tuple[Text, ...]:
    """Return the licences that bind whoever passes the outputs on."""
    named = any("openstreetmap" in text.lower() for text in city.sources)
    return (ODBL,) if named else ()


def notice_of(result: CheckResult) -> dict[str, str]:
    """Return what every file of a report says about its origin, by upper-case key."""
    return city_notice(result.city) | rules_notice(result.rules)


def rules_notice(rules: Rules) -> dict[str, str]:
    """Return by which packs, to the byte, a result was judged, and what users made weaker."""
    notice = packs_notice(rules.versions, rules.sha256)
    told = describe_weakened(rules)
    return notice | (_in_all("RULES_WEAKENED", join(told, loose=True)) if told else {})


def packs_notice(versions: str, digests: Mapping[str, str]) -> dict[str, str]:
    """Return versions and digests of packs, and what adds to the program, by upper-case key."""
    listed = "; ".join(f"{pack} {digest}" for pack, digest in digests.items())
    notice = {"RULE_PACKS": versions, "RULE_SHA256": listed}
    others = describe_extensions()
    return notice | ({"EXTENSIONS": others} if others else {})


def describe_extensions() -> str:
    """Return which packages add to the program, and to what of it; empty if none does."""
    return "; ".join(f"{package}: {', '.join(groups)}" for package, groups in extensions().items())


def city_notice(city: City) -> dict[str, str]:
    """Return what is said of the data of a city, by upper-case key, in every language."""
    notice = {"TITLE": city.name, "SOURCES": "; ".join(city.sources), "CRS": city.crs.name}
    if licences_of(city):
        notice["ATTRIBUTION"] = "© OpenStreetMap contributors"
        notice |= _in_all("LICENCE", ODBL)
    if city.synthetic:
        notice |= _in_all("SYNTHETIC", MADE_UP)
    return notice


def _in_all(key: str, text: Text) -> dict[str, str]:
    keys = columns_of(key, SOURCE_LANGUAGE)
    return {own.upper(): translate(text, language) for own, language in keys.items()}


def describe_origin(city: City, rules: Rules, language: Language) -> tuple[Text, ...]:
    """Say what holds for all of a paper: made-up data, and as of `describe_law`."""
    return ((MADE_UP,) if city.synthetic else ()) + describe_law(city, rules, language)


def describe_editions(rules: Rules, language: Language, day: str = "") -> tuple[Text, ...]:
    """Say which edition of each law judged, whether it is in force, and where it is not yet.

    Parameters
    ----------
    rules, language
        The packs, and the language in which their laws are named.
    day
        Day that was judged (ISO 8601), such as that on which a facility is to stand; empty: none.
    """
    told: list[Text] = []
    for pack in rules.packs:
        law = pack.instrument
        said = {"law": pick(dict(law.name), language)}
        told.append(
            N_(
                "%(law)s: rule pack %(pack)s of %(released)s; takes effect %(since)s; %(status)s "
                "(checked %(checked)s)",
                **said,
                pack=f"{pack.id} {pack.version}",
                released=pack.released,
                since=law.in_force or N_("on a day that is not known"),
                status=STATUSES[law.status],
                checked=law.status_checked,
            )
        )
        if law.in_force and day and day < law.in_force:
            told.append(
                N_(
                    "%(law)s takes effect on %(since)s, after %(day)s: it did not yet hold on "
                    "that day.",
                    **said,
                    since=law.in_force,
                    day=day,
                )
            )
    return tuple(told)


def describe_law(city: City, rules: Rules, language: Language) -> tuple[Text, ...]:
    """Say which law is applied outside of its jurisdiction, and what users made weaker.

    Parameters
    ----------
    city
        Where it lies is told by its extent.
    rules
        Packs; one that states no bounds is the law of more than a city.
    language
        Language in which the jurisdiction is named.
    """
    if city.extent.is_empty:  # nothing is drawn that could lie anywhere
        return describe_weakened(rules)
    area = moved(gpd.GeoSeries([city.extent], crs=city.crs), LONLAT)
    west, south, east, north = area.total_bounds
    elsewhere = tuple(
        N_(
            "The city lies outside the area where the law of %(place)s applies. These findings "
            "demonstrate the method and have no legal effect.",
            place=pick(dict(pack.jurisdiction), language),
        )
        for pack in rules.packs
        if pack.bounds is not None
        and not shapely.box(west, south, east, north).intersects(shapely.box(*pack.bounds))
    )
    return elsewhere + describe_weakened(rules)
