"""What can be wrong with the entries of a catalogue; no sentence repeats what must not be kept."""

from __future__ import annotations

from collections.abc import Iterable

from civicsight.core.errors import N_, Fault
from civicsight.io.catalogue.fields import BY_NAME, DEVICE_ID, MAX_CHARACTERS, without_secrets
from civicsight.io.catalogue.messages import Item, Message, sums

SHOWN = 40
"""Characters of a value that a sentence repeats."""


def repeated_field(source: str, where: str, name: str) -> Fault:
    """Return the fault of a field that stands twice in an entry."""
    return Fault(
        "catalogue.repeated_field",
        source,
        where,
        name,
        "",
        N_("each field once"),
        N_("Export the catalogue again."),
    )


def too_long(source: str, where: str, name: str) -> Fault:
    """Return the fault of a value that no field of the standard could hold."""
    return Fault(
        "catalogue.too_long",
        source,
        where,
        name,
        "",
        N_("at most %(limit)s characters", limit=MAX_CHARACTERS),
        N_("Shorten it on the platform."),
    )


def repeated_id(source: str, where: str, device: str, others: str) -> Fault:
    """Return the fault of an entry that another one contradicts."""
    return Fault(
        "catalogue.repeated_id",
        source,
        where,
        "DeviceID",
        device,
        N_("each id once; %(where)s says something else of it", where=others),
        N_("Keep the entry that is true."),
    )


def missing(source: str, where: str, name: str) -> Fault:
    """Return the fault of a mandatory field without a value."""
    return Fault(
        "catalogue.mandatory",
        source,
        where,
        name,
        "",
        N_("a value: the standard asks for it at a point of this class"),
        N_("Have it completed on the platform."),
    )


def sum_faults(source: str, prefix: str, answers: Iterable[Message]) -> list[Fault]:
    """Return a fault for each answer that claims more items, or other ones, than there are."""
    return [
        Fault(
            "catalogue.sum",
            source,
            f"{prefix}row {message.line}",
            claim,
            str(found),
            N_("%(count)s items, as the answer says", count=claimed),
            N_("Answers were lost: query the catalogue again."),
        )
        for message, claim, claimed, found in sums(answers)
    ]


def wrong_id(source: str, where: str, item: Item) -> Fault:
    """Return the fault of an id that is none."""
    return Fault(
        "catalogue.id",
        source,
        where,
        "DeviceID",
        without_secrets(item.values.get("DeviceID", ""))[:SHOWN],
        DEVICE_ID.expected,
        N_("Correct the id on the platform."),
    )


def misfit(source: str, where: str, name: str, text: str) -> Fault:
    """Return the fault of a value that its field cannot have."""
    return Fault(
        "catalogue.value",
        source,
        where,
        name,
        without_secrets(text)[:SHOWN],
        BY_NAME[name].check.expected,
        N_("Correct it on the platform."),
    )


def masked(source: str, where: str, name: str) -> Fault:
    """Return what is said of a text out of which something was cut."""
    return Fault(
        "catalogue.masked",
        source,
        where,
        name,
        "",
        N_("a text without network address or telephone number"),
        N_("It was cut out and is not kept."),
    )


def nothing_left(source: str) -> Fault:
    """Return the fault of a catalogue whose cameras are all left out."""
    return Fault(
        "catalogue.nothing_left",
        source,
        expected=N_("cameras that may be read"),
        remedy=N_("All its cameras are secret or mobile."),
    )


def no_crs(source: str) -> Fault:
    """Return the fault of cameras where no metric coordinate system is defined."""
    return Fault(
        "catalogue.crs",
        source,
        expected=N_("cameras in a place that has a metric coordinate system"),
        remedy=N_("Check the coordinates, or give a working coordinate system."),
    )
