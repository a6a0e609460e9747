"""What verdicts say: who else sees it, what is lost, and which private place it is."""

from types import SimpleNamespace

import pandas as pd
import pytest

from civicsight.core.i18n import translate
from civicsight.rules.predicates.places import name_private
from civicsight.rules.predicates.sight import _lost
from civicsight.rules.ruling import others_see

TWINS = {"subject": "A", "evidence": {"twin": "B", "distance_m": 3.25, "angle_deg": 12.4}}


@pytest.mark.parametrize(("label", "other"), [("A", "B"), ("B", "A")])
def test_of_twins_each_names_the_other(label, other):
    text = others_see(TWINS, label)
    assert str(text).startswith(f"{other} stands 3.2 m from it")
    assert translate(text, "zh_CN") == f"{other} 与其相距 3.2 米，朝向仅差 12 度"


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ({"total": 40.0, "unique": 5.0}, "others see all that it sees but 12.5%"),
        ({"total": 40.0, "unique": 0.0}, "others see all that it sees"),
        ({}, "others see all that it sees"),
    ],
)
def test_what_others_do_not_see_is_said_as_a_share(evidence, said):
    assert str(others_see({"subject": "A", "evidence": evidence}, "A")) == said


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "nothing"), (0.0004, "less than 0.1 %"), (0.0312, "3.1 %")]
)
def test_a_small_loss_is_not_nothing(share, said):
    assert str(_lost(share)) == said


def test_a_private_place_is_named_by_its_name_or_its_class():
    label = {"zh": "公共厕所", "en": "Public toilets"}
    rows = [("西门公厕", None, "toilet"), (None, label, "toilet"), (None, None, "odd_kind")]
    index = [f"private/{number}" for number in range(3)]
    areas = pd.DataFrame(rows, index, columns=["name", "label", "kind"])
    dossier = SimpleNamespace(private=SimpleNamespace(areas=areas))
    said = [translate(name_private(dossier, name), "zh_CN") for name in index]
    assert said == ["西门公厕（private/0）", "公共厕所（private/1）", "odd_kind（private/2）"]
