"""What an approval is held against: the packs, the jurisdiction, and the inputs as they are now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from civicsight.application.faults import reject
from civicsight.application.workflow import PROJECT
from civicsight.core.errors import N_, Text
from civicsight.planning.judging.dossier import places_of
from civicsight.planning.judging.secrecy import (
    count_hidden,
    describe_unstated,
    is_secret,
    without_hidden,
)
from civicsight.planning.record.digests import input_digests
from civicsight.planning.record.documents import find_plan
from civicsight.planning.record.plan import PRICES
from civicsight.report.editions import require_public

if TYPE_CHECKING:
    from collections.abc import Mapping

    from civicsight.coverage.result import CheckResult
    from civicsight.rules import Rules
    from civicsight.rules.pack import Place
    from civicsight.store import Version


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a version is approved on.

    Parameters
    ----------
    rules, places
        The packs that judge, and the places that the name of a body may contain.
    inputs
        Digests of what the version rests on, as they are now; None of a version whose inputs no
        city has.
    is_public
        Whether it was made for the public, from a city without hidden records.
    """

    rules: Rules
    places: tuple[Place, ...]
    inputs: dict[str, str] | None
    is_public: bool

    def held(self) -> dict[str, Any]:
        """Return what `store.approve` holds a version against, by its parameters."""
        return {"rules": self.rules, "places": self.places, "inputs": self.inputs}


def rests_on_city(inputs: Mapping[str, str]) -> bool:
    """Tell whether the inputs that a version names are those of a city: drawn, or optimised."""
    return PRICES in inputs or set(inputs) == {PROJECT}


def require_city(file: str, plan_id: str, inputs: Mapping[str, str]) -> None:
    """Refuse to approve a version that rests on a city where none is given.

    Raises
    ------
    InputError
        If a city could tell what changed since the version was made.
    """
    if rests_on_city(inputs):
        reject("approval.city", file, plan_id, "--city")


def inputs_now(
    inputs: Mapping[str, str], result: CheckResult, base: str, *, public: bool = False
) -> dict[str, str] | None:
    """Return the digests that a version is held against; None where no city has its inputs.

    Parameters
    ----------
    inputs
        Those that the version names. Its prices are taken to be as they were.
    result, base
        What `check` finds of the whole inventory now, and the digest of the project file.
    public
        Whether the version was made for the public, from a city without hidden records.
    """
    if not rests_on_city(inputs):
        return None
    if PRICES not in inputs:
        return {PROJECT: base}
    if public:
        open_ = result.cameras[~is_secret(result.cameras)]
        result = replace(result, city=without_hidden(result.city, result.rules), cameras=open_)
    return input_digests(result) | {PRICES: inputs[PRICES]}


def weigh_grounds(version: Version, result: CheckResult, base: str) -> Grounds:
    """Return what a version is approved on, in the app as on the command line.

    Parameters
    ----------
    version, result, base
        The version, what `check` finds of the whole inventory now, and the digest of the project
        file.

    Raises
    ------
    InputError
        If it was made for the public, and a point of it is hidden by now.
    """
    rules, public = result.rules, False
    if (plan := find_plan(version.documents)) is not None:
        public = bool(plan.parameters.get("public"))
        if public:
            require_public(plan, result)
    inputs = inputs_now(version.head.inputs, result, base, public=public)
    return Grounds(rules, places_of(result.city, rules), inputs, public)


def describe_known(result: CheckResult, *, public: bool = False) -> tuple[Text, ...]:
    """Say which records may not be published, and of which nobody says so, before an approval.

    Parameters
    ----------
    result
        What `check` finds of the whole inventory now.
    public
        Whether the version was made for the public, from a city without hidden records.
    """
    said = describe_unstated(result.cameras)
    hidden = 0 if public else count_hidden(result.city, result.cameras, result.rules)
    text = N_(
        "Hidden records: %(count)s. The plan may rest on them; only a plan that was made for "
        "the public may be published.",
        count=hidden,
    )
    return (*said, text) if hidden else said
