"""Bad packs: each is one of our own with one thing made wrong, and is refused by line and field."""

from importlib.resources import files

import pytest

from civicsight.core.errors import PackError
from civicsight.rules import builtin_packs, lint_pack, load_packs
from tests.bad_packs import BAD, PACK
from tests.drawn import a_few, every_other


def line_of(text, part):
    """Return the line on which a part of a text begins, after breaks at its head."""
    lead = len(part) - len(part.lstrip("\n"))
    return text[: text.index(part)].count("\n") + 1 + lead


@pytest.mark.parametrize("name", sorted(builtin_packs()))
def test_our_own_packs_have_no_fault(name):
    assert lint_pack(files("civicsight.rules").joinpath(f"packs/{name}.yaml").read_bytes()) == ()


def test_there_are_many_bad_packs():
    assert len(BAD) >= 30


@pytest.mark.parametrize("case", every_other(BAD, 0))
def test_a_bad_pack_is_refused_by_line_and_field(case):
    old, new, code, field, offset = BAD[case]
    assert PACK.count(old) >= 1, "the case no longer fits the pack"
    bad = PACK.replace(old, new, 1)
    faults = lint_pack(bad.encode(), name="bad.yaml")
    found = [fault for fault in faults if fault.code == code and fault.field == field]
    assert found, "\n".join(map(str, faults)) or "accepted"
    line = line_of(bad, offset) if isinstance(offset, str) else line_of(PACK, old) + offset
    assert found[0].where == f"line {line}"
    assert str(found[0]).startswith(f"[{code}] bad.yaml, line ")


@pytest.mark.parametrize("case", a_few(BAD, 3))
def test_a_bad_pack_is_not_loaded(case):
    old, new, *_ = BAD[case]
    bad = PACK.replace(old, new, 1)
    with pytest.raises(PackError):
        load_packs(user=[bad.replace("  id: nanchang", "  id: other", 1).encode()])
