"""The closed list of questions that a rule may ask, each declared where it is computed.

A family of questions is a module: over places, over cover, over what a camera sees, over records,
over papers. Its functions under `declare` are the predicates, and nothing else lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from civicsight.rules.predicates import cover, papers, places, records, sight
from civicsight.rules.predicates.declaration import Predicate

PREDICATES: Final[Mapping[str, Predicate]] = MappingProxyType(
    {
        entry.name: entry
        for family in (places, cover, sight, records, papers)
        for entry in vars(family).values()
        if isinstance(entry, Predicate)
    }
)
"""Every predicate by name."""

OF_INVENTORY: Final = frozenset(name for name, one in PREDICATES.items() if one.of_inventory)
"""Questions about the cameras that exist: without an inventory nobody can answer them."""
