"""What is made of a thing once, and kept for as long as the thing lives."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

Thing = TypeVar("Thing")
Made = TypeVar("Made")
P = ParamSpec("P")


def once_for_each(
    make: Callable[Concatenate[Thing, P], Made],
) -> Callable[Concatenate[Thing, P], Made]:
    """Let a function make its answer once for each first argument and the others beside it.

    For things that nobody changes, as results of a check and scenes are. Who takes an answer does
    not change it either; it must not hold the thing, which then would never go.

    Examples
    --------
    >>> class City:
    ...     houses = 3
    >>> @once_for_each
    ... def count(city: City) -> int:
    ...     print("counting")
    ...     return city.houses
    >>> here = City()
    >>> count(here), count(here)
    counting
    (3, 3)
    """
    kept: WeakKeyDictionary[Thing, dict[Hashable, Made]] = WeakKeyDictionary()

    @wraps(make)
    def once(thing: Thing, /, *args: P.args, **named: P.kwargs) -> Made:
        own = kept.setdefault(thing, {})
        asked = (args, *sorted(named.items()))
        if asked not in own:
            own[asked] = make(thing, *args, **named)
        return own[asked]

    return once
