"""Compare a pack with its JSON Schema and say in words what is wrong, line by line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

from civicsight.core.errors import N_, Fault, Text
from civicsight.rules.document import MAX_FAULTS, Document, Path, check_time, in_order

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

KINDS = {
    "string": N_("text; quote it if it looks like a number"),
    "number": N_("a plain decimal number, without quotes"),
    "integer": N_("a whole number, without quotes"),
    "boolean": N_("true or false"),
    "object": N_("keys and values"),
    "array": N_("a list"),
    "null": N_("null"),
}
"""JSON types as a person would say them."""

REMEDY = N_("Correct the value at this line.")


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator, validators

    schema = json.loads(
        files("civicsight.rules").joinpath("rulepack.schema.json").read_text("utf-8")
    )
    known: Any = Draft202012Validator.VALIDATORS
    timed = {name: _timed(known[name]) for name in ("properties", "items", "additionalProperties")}
    extend: Any = validators.extend
    guarded = extend(Draft202012Validator, {**timed, "uniqueItems": _unique, "pattern": _pattern})
    validator: Draft202012Validator = guarded(
        schema, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    return validator


def _timed(keyword: Any) -> Any:
    """Return a keyword of the schema that stops when the time is up."""

    def check(validator: Any, limit: Any, instance: Any, schema: Any) -> Any:
        check_time()
        return keyword(validator, limit, instance, schema) or ()

    return check


def _unique(validator: Any, limit: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """Compare entries as text: the validator's own way takes the square of their number."""
    from jsonschema import ValidationError

    del schema
    if limit and validator.is_type(instance, "array"):
        texts = {json.dumps(entry, sort_keys=True) for entry in instance}
        if len(texts) < len(instance):
            yield ValidationError("not unique")


def _pattern(validator: Any, limit: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """Refuse a last line break too, which ``$`` would let pass."""
    from jsonschema import ValidationError

    del schema
    if validator.is_type(instance, "string") and (
        instance.endswith("\n") or not re.search(limit, instance)
    ):
        yield ValidationError("another form")


def find_shape_faults(document: Document) -> list[Fault]:
    """Return the departures from the schema, at most `MAX_FAULTS`, in order of lines."""
    found = (
        fault
        for error in _validator().iter_errors(document.data)
        for fault in _explain(document, error)
    )
    return in_order(islice(found, MAX_FAULTS))


def _explain(document: Document, error: ValidationError) -> Iterator[Fault]:
    """Yield the faults behind one error of the validator."""
    path: Path = tuple(error.absolute_path)
    instance: Any = error.instance
    schema: Any = error.schema
    limit: Any = error.validator_value
    if error.validator == "additionalProperties" and limit is False:
        known = sorted({*schema.get("properties", {}), *schema.get("required", ())})
        texts = "|".join(schema.get("patternProperties", ())) or "$."
        for key in sorted(key for key in set(instance) - set(known) if not re.search(texts, key)):
            yield document.fault("pack.unknown_key", (*path, key), key, choices=", ".join(known))
        return
    if error.validator == "required":
        for key in limit:
            if key not in instance:
                yield document.fault(
                    "pack.missing_key", path, ", ".join(map(str, instance)), name=key
                )
        return
    if error.validator == "anyOf":
        yield from _explain_alternatives(document, path, error)
        return
    code = "pack.bad_type" if error.validator == "type" else "pack.bad_value"
    yield Fault(code, *document.place(path), _show(instance), _expected(error), REMEDY)


def _explain_alternatives(
    document: Document, path: Path, error: ValidationError
) -> Iterator[Fault]:
    """Yield one fault for a value that fits none of several shapes."""
    expected = [_expected(inner) for inner in error.context or () if len(inner.path) == 0]
    text = expected[0] if expected else N_("another shape")
    for other in expected[1:]:
        text = N_("%(one)s, or %(other)s", one=text, other=other)
    yield Fault("pack.bad_value", *document.place(path), _show(error.instance), text, REMEDY)


def _expected(error: ValidationError) -> Text:
    """Say what a validator wanted."""
    limit: Any = error.validator_value
    if error.validator == "type":
        names = [limit] if isinstance(limit, str) else list(limit)
        text = KINDS[names[0]]
        for name in names[1:]:
            text = N_("%(one)s, or %(other)s", one=text, other=KINDS[name])
        return text
    if error.validator == "enum":
        return N_("one of %(choices)s", choices=", ".join(map(str, limit)))
    simple = {
        "const": N_("exactly %(limit)s", limit=limit),
        "pattern": N_("text of the form %(limit)s", limit=limit),
        "format": N_("a %(limit)s such as 2025-04-01", limit=limit),
        "minimum": N_("at least %(limit)s", limit=limit),
        "maximum": N_("at most %(limit)s", limit=limit),
        "exclusiveMinimum": N_("more than %(limit)s", limit=limit),
        "minItems": N_("at least %(limit)s entries", limit=limit),
        "uniqueItems": N_("each entry once"),
        "minLength": N_("some text"),
        "maxLength": N_("at most %(limit)s characters", limit=limit),
        "minProperties": N_("at least %(limit)s keys", limit=limit),
        "maxProperties": N_("at most %(limit)s keys", limit=limit),
    }
    return simple.get(str(error.validator), N_("a value that the schema allows"))


def _show(value: object) -> str:
    """Return a value shortened, as JSON, so that text and number look different."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
