"""Errors say what was expected, found and where, and how to mend it."""

from __future__ import annotations

import pytest

from civicsight.core.errors import (
    MAX_LISTED_FAULTS,
    N_,
    CivicsightError,
    CrsError,
    Fault,
    InputError,
    MismatchError,
    OfflineError,
    PackError,
    SchemaError,
    Text,
)


def test_a_sentence_carries_its_values():
    assert str(N_("%(n)s of %(total)s rows", n=3, total=7)) == "3 of 7 rows"


def test_a_sentence_without_values_may_hold_a_percent_sign():
    assert str(Text("95 %")) == "95 %"


def test_a_sentence_can_be_a_value_of_another():
    assert str(N_("expected %(what)s", what=N_("a number"))) == "expected a number"


def test_a_fault_names_place_finding_and_remedy():
    fault = Fault(
        "csv.bad_number",
        file="cameras.csv",
        where="row 7",
        field="height_m",
        found="tall",
        expected=N_("a number"),
        remedy=N_("Write metres, such as 3.5."),
    )
    assert str(fault) == (
        "[csv.bad_number] cameras.csv, row 7, height_m: expected a number, found 'tall'. "
        "Write metres, such as 3.5."
    )


def test_a_fault_of_a_whole_input_has_no_place():
    assert str(Fault("file.empty", expected=N_("at least one row"))) == (
        "[file.empty] expected at least one row"
    )


def test_an_error_lists_every_fault():
    faults = [Fault("a", where=f"row {n}", expected=N_("b")) for n in range(3)]
    error = InputError(faults)
    assert error.faults == tuple(faults)
    assert str(error).splitlines() == [str(fault) for fault in faults]


def test_a_long_list_is_cut_and_says_so():
    faults = [Fault("a", field=f"field {n}") for n in range(MAX_LISTED_FAULTS + 5)]
    lines = str(InputError(faults)).splitlines()
    assert len(lines) == MAX_LISTED_FAULTS + 1
    assert lines[-1] == "... and 5 more"


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (InputError, ValueError),
        (SchemaError, InputError),
        (PackError, InputError),
        (CrsError, ValueError),
        (MismatchError, ValueError),
        (OfflineError, RuntimeError),
    ],
)
def test_each_error_can_be_caught_as_ours_and_as_the_builtin(kind, builtin):
    assert issubclass(kind, CivicsightError)
    assert issubclass(kind, builtin)
