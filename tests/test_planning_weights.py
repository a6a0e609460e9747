"""The policy file of a budget: read in both languages, every bad row named."""

from __future__ import annotations

import pytest

from civicsight.core.errors import InputError, MismatchError
from civicsight.planning.weights import read_weights, refuse_strangers


def write(tmp_path, *lines):
    path = tmp_path / "weights.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_weights_are_read_in_both_languages_and_none_are_needed(tmp_path):
    assert read_weights(None) == {}
    assert read_weights(write(tmp_path, "class,weight", "8.4,2", "8.5,0.5")) == {
        "8.4": 2.0,
        "8.5": 0.5,
    }
    assert read_weights(write(tmp_path, "类别,权重", "8.4,3")) == {"8.4": 3.0}


@pytest.mark.parametrize(
    ("line", "field"),
    [("8.5,0", "weight"), ("8.5,-1", "weight"), ("8.5,much", "weight"), (",1", "class"),
     ("8.4,1", "class")],
)  # fmt: skip
def test_a_bad_row_is_named(tmp_path, line, field):
    with pytest.raises(InputError) as caught:
        read_weights(write(tmp_path, "class,weight", "8.4,2", line))
    (fault,) = caught.value.faults
    assert (fault.code, fault.field) == ("weights.row", field)
    assert fault.remedy


def test_a_file_without_the_columns_and_a_class_that_no_pack_has_are_refused(tmp_path):
    with pytest.raises(InputError, match="class and weight"):
        read_weights(write(tmp_path, "class,price", "8.4,2"))
    refuse_strangers({"8.4": 2.0}, {"8.4", "8.5"})
    with pytest.raises(MismatchError, match=r"8\.40; there are: 8\.4, 8\.5"):
        refuse_strangers({"8.40": 2.0}, {"8.4", "8.5"})
