"""Packs that speak together, the highest rank first, and what users changed in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from civicsight.core.errors import MismatchError
from civicsight.rules.directions import Change, compare_values
from civicsight.rules.ladders import DEFAULT, LADDERS, Ladder
from civicsight.rules.pack import (
    Conflict,
    Consulted,
    Pack,
    Param,
    Place,
    Policy,
    Profile,
    Rule,
    Target,
    ZoneClass,
    strictest,
)


@dataclass(frozen=True, slots=True)
class Override:
    """A number that a user's pack sets to another value than a pack states.

    Parameters
    ----------
    pack, what
        The pack that states it, and the name of its parameter or profile.
    before, after
        The pack's own value and that of the user; None for an angle without a limit.
    direction
        Whether the pack asks for more now, for less, or merely for something else.
    by
        The user's pack.
    kind, field
        ``param`` or ``profile``, and which number of it.
    unit, basis
        Unit of both values, and what the pack's own stands on.
    private
        Whether it guards private places.
    """

    pack: str
    what: str
    before: float | str | None
    after: float | str | None
    direction: Change = "changed"
    by: str = ""
    kind: str = "param"
    field: str = "value"
    unit: str = ""
    basis: str = "assumption"
    private: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """Packs that speak together, the highest rank first.

    Parameters
    ----------
    packs
        Sorted by rank, then by id.
    overrides
        What user packs changed; every report lists them.
    unchanged
        The same packs with their own values; None where users changed nothing.
    """

    packs: tuple[Pack, ...]
    overrides: tuple[Override, ...] = ()
    unchanged: Rules | None = None

    @property
    def weakened(self) -> tuple[Override, ...]:
        """What users made weaker than the packs' own values."""
        return tuple(entry for entry in self.overrides if entry.direction == "weakened")

    @property
    def at_defaults(self) -> Rules:
        """The same packs with the values that they state themselves, to compute beside."""
        return self.unchanged or self

    @property
    def versions(self) -> str:
        """Ids and versions of all packs, for the head of every output."""
        return " + ".join(f"{pack.id} {pack.version}" for pack in self.packs)

    @property
    def sha256(self) -> Mapping[str, str]:
        """Digest of each pack's file by its id."""
        return {pack.id: pack.sha256 for pack in self.packs}

    @property
    def policy(self) -> Policy:
        """The policy of the laws, the highest rank first; users add what is to be hidden."""
        policies = [pack.policy for pack in self.packs if pack.policy is not None]
        if not policies:
            msg = "no loaded pack has a policy; load at least one pack of a law"
            raise MismatchError(msg)
        return Policy(
            max(policy.confirmed_confidence for policy in policies),
            policies[0].candidate_cap,
            tuple(sorted({name for policy in policies for name in policy.hide_in_public_output})),
            tuple(sorted({word for policy in policies for word in policy.main_gate_words})),
        )

    @property
    def ladder(self) -> Ladder:
        """Levels of detail that views are shown by: the users' choice, else the highest law's."""
        chosen = (pack.ladder for pack in self.packs if pack.ladder is not None)
        return next(chosen, LADDERS[DEFAULT])

    @property
    def least_px_m(self) -> float:
        """The lowest density that anything here speaks of [px/m]: a level, or what is asked."""
        asked = (profile.px_per_m for pack in self.packs for profile in pack.profiles.values())
        return min(self.ladder.px_m[0], *asked)

    @property
    def zone_classes(self) -> tuple[ZoneClass, ...]:
        """Classes that demand something themselves: those of a pack that no other pack includes.

        A demand is made once. Where a local law takes over what a national one lists (its
        ``include``), the national classes make no places beside that item; a place of both carries
        both, and is asked for by the stricter of them.
        """
        demanding = self.demanding
        return tuple(zone for pack in self.packs if pack.id in demanding for zone in pack.zones)

    @property
    def demanding(self) -> frozenset[str]:
        """Packs that no other pack includes."""
        included = {zone.include for pack in self.packs for zone in pack.zones if zone.include}
        return frozenset(pack.id for pack in self.packs) - included

    @property
    def consulted(self) -> tuple[Consulted, ...]:
        """Whom a plan is put before; of two packs that speak of one body the lower rank does.

        What concerns whom is a convention of a pack and no demand, so a user's word goes first.
        """
        entries = (entry for pack in self.packs for entry in pack.consultation)
        return tuple({entry.body.label["en"]: entry for entry in entries}.values())

    @property
    def places(self) -> tuple[Place, ...]:
        """Places that names of authorities may contain."""
        return tuple(dict.fromkeys(place for pack in self.packs for place in pack.places))

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Conflicts between packs that are both loaded."""
        loaded = {pack.id for pack in self.packs}
        return tuple(
            conflict
            for pack in self.packs
            for conflict in pack.conflicts
            if conflict.other_pack in loaded
        )

    def pack(self, pack_id: str) -> Pack:
        """Return a pack by its id.

        Raises
        ------
        MismatchError
            If it is not loaded.
        """
        for pack in self.packs:
            if pack.id == pack_id:
                return pack
        msg = (
            f"rule pack {pack_id!r} is not loaded, only {self.versions}; load it with load_packs()"
        )
        raise MismatchError(msg)

    def zone_class(self, pack_id: str, item: str) -> ZoneClass:
        """Return the class of an item.

        Raises
        ------
        MismatchError
            If the pack is not loaded or has no such item.
        """
        for zone in self.pack(pack_id).zones:
            if zone.id == item:
                return zone
        msg = f"rule pack {pack_id!r} has no class of places {item!r}"
        raise MismatchError(msg)

    def profile(self, pack_id: str, name: str) -> Profile:
        """Return a capture profile of a pack."""
        try:
            return self.pack(pack_id).profiles[name]
        except KeyError:
            msg = f"rule pack {pack_id!r} has no profile {name!r}"
            raise MismatchError(msg) from None

    def asked_of(self, target: Target) -> Profile | None:
        """Return the strictest that any class asks of a view of a target, None if none does.

        Where no class asks for it, it is what the packs state of it. Only profiles count that limit
        the angle: by the others a figure is seen, and neither a face nor a plate made out.
        """
        asked = [part.profile for each in self.zone_classes for part in each.parts]
        stated = [profile for pack in self.packs for profile in pack.profiles.values()]
        for profiles in (asked, stated):
            found = [
                profile
                for profile in profiles
                if profile.target == target and profile.max_tilt_deg is not None
            ]
            if found:
                return strictest(found)
        return None

    def param(self, name: str) -> Param:
        """Return a parameter; where several packs have it, the strictest value speaks.

        A lower rank may tighten what a higher one says, and a higher one stands where a lower one
        asks for less. Where neither is stricter the highest rank speaks.

        Raises
        ------
        MismatchError
            If no pack has it.
        """
        found = [pack.params[name] for pack in self.packs if name in pack.params]
        if found:
            strictest = found[0]
            for other in found[1:]:
                stricter = strictest.stricter or other.stricter
                if compare_values(strictest.value, other.value, stricter) == "tightened":
                    strictest = other
            return strictest
        msg = f"no loaded rule pack ({self.versions}) has a parameter {name!r}"
        raise MismatchError(msg)

    def value(self, name: str) -> float:
        """Return a parameter as a number."""
        value = self.param(name).value
        if isinstance(value, str):
            msg = f"parameter {name!r} is the date {value}, expected a number"
            raise MismatchError(msg)
        return value

    def limit(self, name: str) -> float | None:
        """Return a parameter as a number, None where no loaded law speaks of it."""
        return self.value(name) if any(name in pack.params for pack in self.packs) else None

    def by_predicate(self, name: str) -> tuple[Rule, ...]:
        """Return every rule that asks a predicate, packs of higher rank first."""
        return tuple(
            rule
            for pack in self.packs
            for rule in pack.rules
            if any(check.name == name for check in rule.check.predicates())
        )

    def rule(self, pack_id: str, rule_id: str) -> Rule:
        """Return a rule of a pack."""
        for rule in self.pack(pack_id).rules:
            if rule.id == rule_id:
                return rule
        msg = f"rule pack {pack_id!r} has no rule {rule_id!r}"
        raise MismatchError(msg)
