"""The policy file of a budget: read in both languages, every bad row named."""

from __future__ import annotations

import pytest

from civicsight.core.errors import InputError, MismatchError
from civicsight.planning.aims.policy_file import Policy, read_policy, refuse_strangers
from civicsight.planning.solver.lawful_model import AIMS, KNOWN_AIMS


def write(tmp_path, *lines):
    path = tmp_path / "policy.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_weights_are_read_in_both_languages_and_none_are_needed(tmp_path):
    assert read_policy(None) == Policy()
    assert read_policy(write(tmp_path, "class,weight", "8.4,2", "8.5,0.5")) == Policy(
        weights={"8.4": 2.0, "8.5": 0.5}
    )
    assert read_policy(write(tmp_path, "类别,权重", "8.4,3")).weights == {"8.4": 3.0}


def test_aims_come_in_the_order_of_their_rows_beside_weights_or_alone(tmp_path):
    both = write(tmp_path, "aim,class,weight", "Parts,,", "places,,", ",8.4,2", "surviving,,")
    assert read_policy(both) == Policy(("parts", "places", "surviving"), {"8.4": 2.0})
    assert read_policy(write(tmp_path, "目标", "隐私", "场所")).aims == ("exposure", "places")
    assert read_policy(write(tmp_path, "aim,class,weight", ",8.4,2")).aims == AIMS


BAD = {
    ",8.5,0": "weight", ",8.5,-1": "weight", ",8.5,much": "weight", ",,1": "class",
    ",8.4,1": "class", "religion,,": "aim", "ethnicity,,": "aim", "cost,,": "aim",
    "places,,": "aim", "parts,8.5,2": "aim", "parts,,2": "aim",
}  # fmt: skip
"""Rows that say nothing that can be used, and the field that each fault names."""


def test_every_bad_row_is_named(tmp_path):
    with pytest.raises(InputError) as caught:
        read_policy(write(tmp_path, "aim,class,weight", "places,,", ",8.4,2", *BAD, "metres,,"))
    faults = caught.value.faults
    assert [fault.field for fault in faults] == list(BAD.values())
    assert all(fault.code == "policy.row" and fault.where and fault.remedy for fault in faults)


def test_a_file_without_the_columns_and_a_class_that_no_pack_has_are_refused(tmp_path):
    with pytest.raises(InputError, match="aim, or the columns class and weight"):
        read_policy(write(tmp_path, "class,price", "8.4,2"))
    refuse_strangers({"8.4": 2.0}, {"8.4", "8.5"})
    with pytest.raises(MismatchError, match=r"8\.40; there are: 8\.4, 8\.5"):
        refuse_strangers({"8.40": 2.0}, {"8.4", "8.5"})


def test_the_list_of_aims_is_closed():
    assert set(KNOWN_AIMS) == {"places", "parts", "metres", "exposure", "joined", "surviving"}
