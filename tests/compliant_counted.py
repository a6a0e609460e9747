"""Compliant parts and places counted once more, by part, beside `planning.statement.figures`."""

from __future__ import annotations

from types import SimpleNamespace


def count_compliant(parts, when="after", uncounted=()):
    """Count compliant parts and places, those that rest on a presumed gate, and the open ones."""
    places = {}
    for part in parts.to_dict("records"):
        sure = part[f"status_{when}"] == "covered"
        met = sure or (
            part[f"status_{when}"] == "assumed"
            and part[f"share_{when}"] >= part["required"] * (1.0 - 1e-9)
        )
        places.setdefault(part["zone_id"], []).append((met, sure))
    each = [one for own in places.values() for one in own]
    whole = {
        name: (all(met for met, _ in own) and name not in uncounted, all(sure for _, sure in own))
        for name, own in places.items()
    }
    good, compliant = sum(met for met, _ in each), sum(met for met, _ in whole.values())
    return SimpleNamespace(
        parts=good,
        presumed_parts=sum(met and not sure for met, sure in each),
        all_parts=len(each),
        open_parts=len(each) - good,
        places=compliant,
        presumed_places=sum(met and not sure for met, sure in whole.values()),
        open_places=len(whole) - compliant,
        open=sorted(name for name, (met, _) in whole.items() if not met),
    )
