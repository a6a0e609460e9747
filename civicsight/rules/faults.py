"""Faults of rule packs and of registers: by code, what was expected and how to mend it."""

from __future__ import annotations

from typing import Final

from civicsight.core.faults import declare, fault

__all__ = ["fault"]

PREDICATE: Final = "Correct the rule; a pack brings no predicate of its own."
FUNCTIONS: Final = (
    "Choose public functions from civicsight/rules/functions.yaml; label, marks and words "
    "of registers follow from them. Your own wording can stay under caveat and chooses "
    "nothing."
)
CLOSED: Final = "A pack from a file compares with the words of closed lists alone; choose one."
POINT_TO: Final = "Correct the name, or declare it."
SPLIT: Final = "Split the pack."

declare(
    {
        "pack.alias": ("a value", "Write the value out; aliases are refused."),
        "pack.anchor": ("a value", "Remove the anchor."),
        "pack.article_mismatch": ("a rule of article %(n)s", POINT_TO),
        "pack.bad_check:keys": ("keys and values", PREDICATE),
        "pack.bad_check:list": ("a list of checks", PREDICATE),
        "pack.bad_check:one": ("one predicate and its parameters", PREDICATE),
        "pack.bad_parameter:choice": ("one of %(choices)s", PREDICATE),
        "pack.bad_parameter:count": ("a whole number, without quotes", PREDICATE),
        "pack.bad_parameter:flag": ("true or false", PREDICATE),
        "pack.bad_parameter:list": ("a list of words", PREDICATE),
        "pack.bad_parameter:reference": (
            "a reference such as $name to a parameter of the pack",
            PREDICATE,
        ),
        "pack.bad_parameter:unit": ("a parameter in %(unit)s", PREDICATE),
        "pack.bad_parameter:word": ("a word", PREDICATE),
        "pack.bad_range": ("the lower code first", "Swap the two."),
        "pack.bad_unit:day": ("a date such as 2025-06-30", "Write the date, or correct the unit."),
        "pack.bad_unit:number": (
            "a number from %(low)s to %(high)s %(unit)s",
            "Correct the value or its unit.",
        ),
        "pack.circular": ("other packs", "A pack cannot load itself."),
        "pack.class_without_rule": (
            "%(n)s rules that ask for its coverage",
            "Name the class under where.item of one rule with covered.",
        ),
        "pack.closed_class": (
            "no selector",
            "A class that is designated only, or mobile, is never found on a map.",
        ),
        "pack.empty_selector": ("one of %(choices)s", "Say what the selector looks for."),
        "pack.encoding": ("UTF-8 text", "Save the file as UTF-8."),
        "pack.key": ("a key that is text", "Write the key as one word."),
        "pack.ladder": (
            "more than the %(px)s px/m of the level before",
            "List the levels from the lowest up.",
        ),
        "pack.loosens_privacy": (
            "%(before)s as in pack %(pack)s, or stricter",
            "What protects private places can only be tightened.",
        ),
        "pack.merge_key": ("a name", "Write the values out."),
        "pack.missing": ("one of %(choices)s", "Load that pack too."),
        "pack.missing_key": ("a key %(name)s", "Add it."),
        "pack.missing_parameter": ("a key %(name)s", PREDICATE),
        "pack.no_function": ("a mark of a public function", FUNCTIONS),
        "pack.not_a_mapping": (
            "keys and values",
            "Start from one of the packs that come with the program.",
        ),
        "pack.not_in_vocabulary": (
            "a body or standard that a delivered law names, such as %(name)s",
            CLOSED,
        ),
        "pack.not_in_vocabulary:closed": ("one of %(choices)s", CLOSED),
        "pack.not_in_vocabulary:function": ("one of %(choices)s", FUNCTIONS),
        "pack.off_standard": (
            "the value of %(standard)s: %(values)s",
            "Give the value and name of the standard, or call it an assumption.",
        ),
        "pack.own_words": ("the line functions: [%(names)s]", FUNCTIONS),
        "pack.policy": (
            "one of %(choices)s",
            "How certain a finding may be is for the packs of the law to say.",
        ),
        "pack.rank": (
            "%(rank)s for this kind of instrument",
            "A rank follows from the kind of the law and is not for a pack to choose.",
        ),
        "pack.repeated_id:line": (
            "each id once; it is also on line %(line)s",
            "Give it an id of its own.",
        ),
        "pack.repeated_id:pack": (
            "an id that no other loaded pack has",
            "Give it an id of its own.",
        ),
        "pack.repeated_key": (
            "each key once; it is also on line %(line)s",
            "Remove one of the two.",
        ),
        "pack.replaces": (
            "an id that pack %(pack)s does not have",
            "A pack may add, but not replace what another demands.",
        ),
        "pack.second_document": ("one document", "Keep one pack in a file."),
        "pack.silences": (
            "a class that silences no other pack",
            "A pack may take in one that outranks it, and ask for as much; remove the line.",
        ),
        "pack.silent_article": (
            "rules or a reason",
            "Name its rules, or say under no_rule why there are none.",
        ),
        "pack.syntax": ("a YAML text", "Mend the text at this line."),
        "pack.tag": (
            "a value without a tag",
            "Remove the tag; a pack is data and never makes objects.",
        ),
        "pack.too_deep": ("at most %(n)s levels", "Flatten the pack."),
        "pack.too_large:bytes": ("at most %(n)s bytes", SPLIT),
        "pack.too_large:entries": ("at most %(limit)s entries", SPLIT),
        "pack.too_large:values": ("at most %(n)s values", SPLIT),
        "pack.too_slow": ("a pack that is read within %(n)s seconds", SPLIT),
        "pack.two_directions": (
            (
                "a parameter that is stricter the same way everywhere; line %(line)s has it the "
                "other way round"
            ),
            "Use two parameters.",
        ),
        "pack.unknown": ("one of %(choices)s", "Give a file of your own as a user pack."),
        "pack.unknown_key": ("one of %(choices)s", "Correct the name or remove the line."),
        "pack.unknown_name": ("one of %(choices)s", POINT_TO),
        "pack.unknown_parameter": ("one of %(choices)s", PREDICATE),
        "pack.unknown_predicate": ("one of %(choices)s", PREDICATE),
        "pack.unlisted_rule": ("a rule that its article lists", "List it under the article."),
        "pack.unreadable": ("a file that can be read", "Check the path and its permissions."),
        "pack.weakens_law": (
            "%(before)s as in pack %(pack)s, or stricter",
            "The law itself states this value; it can only be tightened.",
        ),
        "pack.weakens_standard": (
            "%(before)s as in pack %(pack)s, or the value of another standard",
            "Name the standard as the source, with basis: standard.",
        ),
        "pack.wrong_unit:own": ("a parameter in %(unit)s", "Keep the unit."),
        "pack.wrong_unit:reference": (
            "a parameter in %(unit)s",
            "Refer to a parameter of that unit.",
        ),
        "register.designated_only": (
            "a register as the source",
            "This class is never taken from maps; name the register.",
        ),
        "register.mobile_item": (
            "a class of places",
            "Vehicles and vessels are a checklist; take the row out.",
        ),
        "register.no_function": (
            "a place of: %(choices)s, and no home",
            "Name its public function under kind, or take the row out.",
        ),
        "register.unknown_item": ("one of %(choices)s", "Correct the item."),
    }
)
