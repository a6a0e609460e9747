import pytest

from civicsight.core.errors import PackError
from civicsight.rules.document import MAX_BYTES, MAX_DEPTH, read_document, spell


def read(text, file="p.yaml"):
    return read_document(text.encode() if isinstance(text, str) else text, file)


def faults_of(text):
    with pytest.raises(PackError) as caught:
        read(text)
    return caught.value.faults


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("010", "010"),
        ("0x10", "0x10"),
        ("12:30:00", "12:30:00"),
        ("2025-06-30", "2025-06-30"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("1_000", "1_000"),
        ("~", "~"),
        ("True", "True"),
        ("+5", "+5"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("0", 0),
        ("-3", -3),
        ("62.5", 62.5),
        ('"7"', "7"),
        ("'true'", "true"),
        ("9" * 30, "9" * 30),
    ],
)
def test_nothing_changes_its_meaning(written, meant):
    value = read(f"a: {written}").data["a"]
    assert value == meant
    assert type(value) is type(meant)


def test_every_value_knows_its_line():
    document = read("a: 1\nb:\n  - x: 2\n    y: 3\n")
    assert document.line(("b", 0, "y")) == 4
    assert document.line(("b", 0, "missing", "deeper")) == 3
    assert spell(("b", 0, "y")) == "b[0].y"


def test_the_digest_is_that_of_the_bytes():
    assert read("a: 1").sha256 == read("a: 1").sha256 != read("a: 2").sha256


@pytest.mark.parametrize(
    ("text", "code", "line", "field"),
    [
        ("a: 1\nb: 2\na: 3\n", "pack.repeated_key", 3, "a"),
        ("a: &x 1\nb: *x\n", "pack.anchor", 1, "a"),
        ("b: 1\nc: [*y]\n", "pack.alias", 2, "c[0]"),
        ("a: !!python/object/apply:os.system ['true']\n", "pack.tag", 1, "a"),
        ("a: !thing 1\n", "pack.tag", 1, "a"),
        ("a: {<<: {b: 1}}\n", "pack.merge_key", 1, "a.<<"),
        ("a: 1\n? [b]\n: 2\n", "pack.key", 2, ""),
        ("a: 1\n---\nb: 2\n", "pack.second_document", 2, ""),
        ("a: 1\nb: [1, 2\n", "pack.syntax", 3, ""),
        ("- 1\n", "pack.not_a_mapping", 1, ""),
        ("", "pack.not_a_mapping", 1, ""),
        (b"a: 1\nb: \xff\n", "pack.encoding", 2, ""),
        ("a: \x07\n", "pack.syntax", 1, ""),
    ],
)
def test_what_a_stranger_may_not_write_is_named_by_line_and_field(text, code, line, field):
    fault = faults_of(text)[0]
    assert (fault.code, fault.where, fault.field) == (code, f"line {line}", field)
    assert "p.yaml" in str(fault)


def test_all_faults_are_listed_not_the_first_alone():
    codes = [fault.code for fault in faults_of("a: !x 1\nb: &y 2\na: 3\n")]
    assert codes == ["pack.tag", "pack.anchor", "pack.repeated_key"]


def test_a_large_file_is_refused_unread():
    fault = faults_of(b"a: '" + b"x" * MAX_BYTES + b"'")[0]
    assert fault.code == "pack.too_large"


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 900, 20_000])
def test_a_deep_file_is_refused_without_recursion(depth):
    assert faults_of("a: " + "[" * depth + "]" * depth)[0].code in ("pack.too_deep", "pack.syntax")


def test_the_greatest_depth_is_read():
    depth = MAX_DEPTH - 2
    assert read("a: " + "[" * depth + "]" * depth).data["a"] is not None


def test_a_bomb_of_aliases_costs_nothing():
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    faults = faults_of("\n".join(lines))
    assert {fault.code for fault in faults} == {"pack.anchor", "pack.alias"}


def test_reading_gives_up_after_many_faults():
    assert len(faults_of("\n".join("a: 1" for _ in range(5_000)))) == 200


def test_a_byte_order_mark_is_no_fault():
    assert read(b"\xef\xbb\xbfa: 1").data == {"a": 1}
