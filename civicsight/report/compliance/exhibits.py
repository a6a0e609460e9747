"""What a chapter shows beside its verdicts: what its rules stand on, as tables and drawings.

Which exhibits an article has follows from what its rules ask, not from its number: any law that
asks what cameras see of private facades gets these facades unrolled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.figure import keyed
from civicsight.coverage.demand.needs import in_class
from civicsight.planning.statement.figures import STANDINGS
from civicsight.presentation.document import Section, show
from civicsight.presentation.lexicon import number
from civicsight.presentation.names import MOST_NAMES, Names
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.drawings import draw_area
from civicsight.report.compliance.pictures import (
    overlaps,
    proposals,
    strips,
    territory,
    time_lines,
    ways_in,
)
from civicsight.rules.dossier import GUESSED
from civicsight.rules.pack import Check, Rule
from civicsight.rules.vocabulary import field_name, field_word, word


class Asked(NamedTuple):
    """A predicate that a rule of the article asks."""

    rule: Rule
    check: Check


Build = Callable[[Account, Names, Sequence[Asked]], Iterator[Section]]


def exhibits_of(
    account: Account, names: Names, rules: Iterable[Rule], place: str, shown: dict[Build, str]
) -> list[Section]:
    """Return the exhibits of an article, none in the public edition.

    What is drawn is drawn once: `shown` holds the article under which it stands, and gets `place`,
    the article of `rules`.
    """
    if account.public:
        return []
    asked = [Asked(rule, leaf) for rule in rules for leaf in rule.check.predicates()]
    found: list[Section] = []
    for wanted, build in BUILDERS:
        own = [entry for entry in asked if wanted(entry)]
        if own and shown.get(build, place) != place:
            above = N_("Drawn under %(place)s.", place=shown[build])
            found.append(show(names, Text(""), (), (), note=above))
        elif own:
            made = [one for one in build(account, names, own) if one.blocks]
            found += made
            if build in DRAWN and made:
                shown[build] = place
    return found


def _records(account: Account, names: Names, asked: Sequence[Asked]) -> Iterator[Section]:
    """Say of how many subjects each field that rules ask for is on record, and which papers are."""
    rows: dict[tuple[str, str], list[str]] = {}
    for rule, check in asked:
        if check.name == "document":
            for kind in check.values["kind"]:  # noqa: PD011 - the field of a Check
                rows["document", kind] = _paper(account, names, kind)
            continue
        for kind, name in ((k, n) for k in rule.subjects for n in check.values["fields"]):  # noqa: PD011
            subjects = account.dossier.subjects(kind)
            if subjects:
                count = sum(subject.value(name) is not None for subject in subjects)
                said = (word(kind), field_word(name, (kind,)))
                rows[kind, name] = [
                    *map(names.translate, said),
                    " / ".join(
                        keyed(key, number(each))
                        for key, each in (
                            (f"records.{kind}.{name}", count),
                            (f"records.{kind}", len(subjects)),
                        )
                    ),
                ]
    headings = [N_("What it is about"), N_("Field or document"), N_("On record")]
    yield show(names, N_("Records and documents"), headings, list(rows.values()))


def _paper(account: Account, names: Names, kind: str) -> list[str]:
    """Return how many documents of a kind are on file, with their titles or days."""
    documents = account.dossier.city.documents
    own = documents[documents["kind"].eq(kind)]
    titles = own["title"].where(own["title"].notna(), own["dated_on"]).dropna().astype(str)
    named = names.listed(sorted(titles), most=MOST_NAMES)
    said = keyed(f"documents.{kind}", number(len(own))) + (f" ({named})" if named else "")
    return [names.translate(N_("document")), names.translate(word(kind)), said]


def _values(account: Account, names: Names, asked: Sequence[Asked]) -> Iterator[Section]:
    """Count the values of the fields that rules allow a list of values for."""
    for rule, check in asked:
        name = check.values["field"]  # noqa: PD011 - the field of a Check, not of a table
        for kind in rule.subjects:
            table = account.dossier.tables[kind]
            if name not in table:
                continue
            table = table[_concerned(account, rule, table[name].isin(check.values["values"]))]  # noqa: PD011
            known = table[name].where(table[name].notna(), GUESSED)
            counts = known.value_counts().sort_index()
            rows = [
                [
                    names.translate(_text_of(value)),
                    keyed(f"values.{rule.pack}.{rule.id}.{kind}.{name}.{value}", number(count)),
                    _tick(names, value, check),
                ]
                for value, count in counts.items()
            ]
            title = N_("Values: %(what)s", what=field_name(name, (kind,)))
            headings = (N_("Value"), N_("How many"), N_("As asked"))
            figures = _spread(account, names, table, name, check) if kind == "camera" else []
            yield show(names, title, headings, rows, figures)


def _text_of(value: object) -> Text:
    return N_("not recorded") if value == GUESSED else word(value)


def _concerned(account: Account, rule: Rule, as_asked: pd.Series) -> pd.Series:
    """Tell what a rule turns on the value of; not what passes whatever its value is."""
    verdicts = account.compliance.verdicts
    own = verdicts[verdicts["pack"].eq(rule.pack) & verdicts["rule"].eq(rule.id)]
    outcome = own.set_index("subject")["outcome"].reindex(as_asked.index).fillna("not_applicable")
    return outcome.ne("not_applicable") & (as_asked | outcome.ne("pass"))


def _spread(
    account: Account, names: Names, table: gpd.GeoDataFrame, name: str, check: Check
) -> list[tuple[str, str]]:
    """Draw where the cameras stand whose value is as asked, and those whose value is not."""
    known = table[table[name].notna() & table[name].ne(GUESSED)]
    as_asked = known[name].isin(check.values["values"])  # noqa: PD011 - the field of a Check
    if as_asked.all():
        return []
    label = names.translate(
        N_("%(what)s: dots are as asked, crosses are not", what=field_name(name))
    )
    areas, roads = account.dossier.areas("jurisdiction"), account.dossier.city.roads.geometry
    shapes = (known.geometry[as_asked], known.geometry[~as_asked])
    return [(label, draw_area(areas, roads, *shapes, label))]


def _tick(names: Names, value: object, check: Check) -> str:
    allowed = {str(entry) for entry in check.values["values"]}  # noqa: PD011 - as above
    if value == GUESSED:
        return "–"
    return names.translate(N_("yes") if str(value) in allowed else N_("no"))


def _classes(account: Account, names: Names, asked: Sequence[Asked]) -> Iterator[Section]:
    """Say by class how places stand, what is required and met, and which cameras are credited."""
    result, found = account.result, account.figures
    items = {(rule.pack, item) for rule, _ in asked for item in _items(rule)}
    status = result.part_status
    state = account.dossier.tables["camera"]["status"]
    owner = account.dossier.tables["camera"]["owner"]
    rows = []
    for pack, item in sorted(items, key=lambda key: (key[0], _order(key[1]))):
        parts = result.parts.index[in_class(result.parts, pack, item)]
        own, key = status.reindex(parts).dropna(subset=["status"]), f"class.{pack}.{item}"
        met = own[own["status"].eq("covered")]
        credited = sorted({str(camera) for seen in met["cameras"] for camera in seen})
        states = state.reindex(credited).value_counts()
        owners = owner.reindex(credited).value_counts()
        rows.append(
            [
                names.class_of(pack, item),
                *(f"{found[f'{key}.{name}']}" for name in (*STANDINGS, "parts", "covered")),
                " / ".join(
                    keyed(f"{key}.credited.{name}", number(int(states.get(name, 0))))
                    for name in STATES
                ),
                names.translate(N_(", ")).join(
                    f"{names.translate(word(name))} "
                    f"{keyed(f'{key}.credited.{name}', number(count))}"
                    for name, count in owners.items()
                ),
            ]
        )
    headings = [
        N_("Class"),
        N_("Candidate places"),
        N_("Confirmed"),
        N_("Designated"),
        N_("Parts required"),
        N_("Parts met"),
        N_("Cameras credited: existing / approved / planned"),
        N_("Owners"),
    ]
    yield show(names, N_("Places by class"), headings, rows)


STATES: Final = ("existing", "approved", "planned")


def _items(rule: Rule) -> Sequence[str]:
    item = rule.where.get("item", ())
    return (item,) if isinstance(item, str) else tuple(item)


def _order(item: str) -> list[tuple[int, str]]:
    """Sort 8.2a before 8.10."""
    numbers = ((piece, "".join(filter(str.isdigit, piece))) for piece in item.split("."))
    return [(int(digits or 0), piece) for piece, digits in numbers]


def _proportion(account: Account, names: Names, _: Sequence[Asked]) -> Iterator[Section]:
    """Count cameras by the share of their view that is known to be target or street."""
    labels = account.dossier.tables["camera"].index
    shares = pd.Series({name: account.dossier.public_share(name) for name in labels}, dtype=float)
    edges = (0.0, 0.25, 0.5, 0.75, 1.0)
    rows = [
        [
            f"{low:.0%} – {high:.0%}",
            keyed(f"cameras.on_target.{low:g}", number(int(_between(shares, low, high)))),
        ]
        for low, high in pairwise(edges)
    ]
    unknown = keyed("cameras.on_target.unknown", number(int(shares.isna().sum())))
    rows.append([names.translate(N_("it sees no ground for sure")), unknown])
    headings = [N_("Target or street, of the ground in view"), N_("Cameras")]
    yield show(names, N_("Proportionality of the views"), headings, rows)


def _between(shares: pd.Series, low: float, high: float) -> int:
    return int((shares.ge(low) & (shares.lt(high) | (shares.eq(high) & (high >= 1.0)))).sum())


def _asks(*names: str, **values: Any) -> Callable[[Asked], bool]:
    """Tell whether a predicate is asked, of a layer or a kind of subject if one is named."""

    def wanted(asked: Asked) -> bool:
        layer, subject = values.get("layer"), values.get("subject")
        return (
            asked.check.name in names
            and layer in (None, asked.check.values.get("layer"))  # noqa: PD011
            and (subject is None or subject in asked.rule.subjects)
        )

    return wanted


DRAWN: Final = (territory, overlaps, strips, ways_in, proposals, time_lines)
"""What is drawn of the whole plan, whichever article asks for it."""

BUILDERS: Final[Sequence[tuple[Callable[[Asked], bool], Build]]] = (
    (_asks("within", layer="jurisdiction"), territory),
    (_asks("covered"), _classes),
    (_asks("marginal_gain"), overlaps),
    (_asks("sees_at_most", layer="privacy"), strips),
    (_asks("sign_visible"), ways_in),
    (_asks("keeps_coverage"), proposals),
    (_asks("on_target"), _proportion),
    (_asks("compare", subject="project"), time_lines),
    (_asks("one_of"), _values),
    (_asks("has", "document"), _records),
)
"""What is asked, and what is shown for it, in the order of a chapter."""
