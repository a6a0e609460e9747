"""Where packs ask for less than the delivered ones: sentences for every surface."""

from __future__ import annotations

from civicsight.core.errors import N_, Text
from civicsight.rules.composition import Override, Rules
from civicsight.rules.ladders import LADDERS, OWN
from civicsight.rules.vocabulary import describe_value, number_word, word


def name_override(entry: Override) -> Text:
    """Return what the number that a user set is called."""
    if entry.field == "value":
        return number_word(entry.what)
    return Text(f"{entry.what}.{entry.field}")


def describe_override(entry: Override) -> Text:
    """Say one number that users made weaker."""
    return N_(
        "Weakened: pack %(by)s sets %(name)s to %(after)s; pack %(pack)s asks for %(before)s "
        "(%(basis)s).",
        by=entry.by,
        name=name_override(entry),
        after=describe_value(entry.after, entry.unit),
        pack=entry.pack,
        before=describe_value(entry.before, entry.unit),
        basis=word(entry.basis),
    )


def describe_weakened(rules: Rules) -> tuple[Text, ...]:
    """Say each number that users made weaker, and levels of detail that no known standard states.

    Nothing is said where the packs stand as they are delivered.
    """
    told = [describe_override(entry) for entry in rules.weakened]
    ladder = rules.ladder
    if ladder.name == OWN and ladder.standard not in {each.standard for each in LADDERS.values()}:
        told.append(
            N_("Assumption: no known standard states the levels of detail that a pack sets itself.")
        )
    return tuple(told)
