"""Catalogues of GB/T 28181: secrets stay out, XML is safe, codes are known."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from civicsight.core.errors import InputError
from civicsight.core.i18n import LANGUAGES
from civicsight.io.catalogue.fields import FIELDS, is_device_id, is_division, kind_of
from civicsight.io.catalogue.mapping import sector_of
from civicsight.io.catalogue.messages import is_catalogue
from civicsight.io.catalogue.reader import read_catalogue
from civicsight.io.report import describe_fault
from civicsight.io.secrets import without_secrets
from civicsight.io.source_options import Declared
from civicsight.model import CAMERAS
from tests.catalogue_made import INNER_SECRETS, SECRETS, answer, camera, item
from tests.test_catalogue import codes, read, refusal, written

WORDS = [*SECRETS.values(), *INNER_SECRETS.values()]


class TestSecrets:
    def everything(self, folder, text):
        """Return all that leaves the reader, or the whole of its refusal, as one text."""
        try:
            table, report = read(folder, text)
        except InputError as error:
            shown = [repr(error.faults), str(error), *traceback.format_exception(error)]
            shown += [describe_fault(f, language) for f in error.faults for language in LANGUAGES]
            return "\n".join(shown)
        shown = [repr(report), report.table().to_csv(), repr(report.to_dict())]
        shown += [report.summary(language) for language in LANGUAGES]
        shown += [repr(row) for row in table.to_dict("records")]
        return "\n".join([*shown, table.to_json(), table.to_csv()])

    @pytest.mark.parametrize(
        "text",
        [
            answer([camera()]),
            answer([camera(1), camera(2, DeviceID="7")]),
            answer([camera(1), camera(1, Name="other")]),
            answer([camera(Longitude="x", HorizontalFieldAngle="y")]),
            answer([camera()], num=9),
            answer([camera()]).replace("</Item>", ""),
            answer([camera()]).replace("</Password>", ""),
            answer([camera()])[:1200],
            answer([camera()]).replace("<Password>", "<Name><Password>").replace(
                "</Password>", "</Password></Name>"
            ),
            answer([camera()]).replace("<Password>", '<Password key="SECRET-PASSWORD">'),
            answer([camera(Name=f"gate {SECRETS['IPAddress']} {INNER_SECRETS['ContactInfo']}")]),
            answer([camera(Model=f"rtsp://a:{SECRETS['Password']}@h/1")]),
            answer([camera(CivilCode=INNER_SECRETS["ContactInfo"])]),
            answer([camera(ManagementUnit=f"x{INNER_SECRETS['MAC']}")]),
            answer([camera(EncodeType=f"rtsp://a:{SECRETS['Password']}@{SECRETS['IPAddress']}/1")]),
            answer([camera(Name=f"{SECRETS['IPAddress']}.")]),
            answer([camera(Name=f"+86{INNER_SECRETS['ContactInfo']}")]),
            answer([camera(Name=f"密码：{SECRETS['Password']}")]),
        ],
    )  # fmt: skip
    def test_nothing_secret_comes_out(self, tmp_path, text):
        shown = self.everything(tmp_path, text)
        assert shown
        assert not [word for word in WORDS if word in shown]

    def test_the_report_says_what_was_left_unread(self, tmp_path):
        _, report = read(tmp_path, answer([camera()]))
        text = report.summary("en")
        assert "Password 1" in text
        assert "ContactInfo 1" in text

    def test_what_is_cut_out_of_a_name_is_reported(self, tmp_path):
        table, report = read(tmp_path, answer([camera(Name="门 10.1.2.3:554 内")]))
        assert table["name"].iloc[0] == "门 *** 内"
        assert codes(report.repaired) == ["catalogue.masked"]

    @pytest.mark.parametrize(
        "text",
        ["139 8765 4321", "139-8765-4321", "86-13987654321", "１３９８７６５４３２１",
         "(0791)88886666", "0791 88886666", "电话:88886666", "１０．６６．７７．８８",
         "a:b@10.66.77.88:8000", "li@a.example.cn", "aabb.ccdd.eeff", "fe80::1",
         "2001:db8::8:800:200c:417a", "pwd=abc", "360103199001011234"],
    )  # fmt: skip
    def test_forms_of_secrets(self, text):
        assert without_secrets(f"东门 {text} 内") == "东门 *** 内"

    @pytest.mark.parametrize(
        "text",
        ["G15 k1024+300", "DS-2CD3T46-LI3", "八一大道12:30:00", "V3.2.1", "36010300001320000001"],
    )
    def test_plain_names_stay(self, text):
        assert without_secrets(text) == text


class TestXml:
    def test_a_byte_order_mark_outweighs_a_declaration(self, tmp_path):
        table, report = read(tmp_path, answer([camera()], encoding="GB2312"), "utf-8-sig")
        assert table["name"].iloc[0] == "八一广场东门"
        assert report.encoding == "UTF-8"

    bomb = (
        '<?xml version="1.0"?><!DOCTYPE Response [<!ENTITY a "aaaaaaaaaa">'
        '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    )

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            (bomb + answer([camera(Name="&b;")], declaration=False), "xml.doctype"),
            ('<!DOCTYPE Response SYSTEM "file:///etc/passwd">'
             + answer([camera()], declaration=False), "xml.doctype"),
            (answer([camera()]) + bomb + answer([camera()], declaration=False), "xml.doctype"),
            (answer([camera()]).replace("</DeviceList>", "<a>" * 99 + "</a>" * 99
             + "</DeviceList>"), "xml.depth"),
            (answer([camera()]).replace("<Password>", f'<Password a="{"x" * 30_000}">'),
             "xml.attribute"),
            (answer([camera(Name="n" * 5_000)]), "catalogue.too_long"),
            (answer([camera()])[:-30], "xml.cut_off"),
            (answer([camera()]).replace("</Name>", "&nbsp;</Name>"), "xml.malformed"),
            (answer([camera()]).replace("GB2312", "rot13"), "xml.encoding"),
            (answer([camera()]) + "tail", "xml.malformed"),
        ],
    )  # fmt: skip
    def test_attacks_and_damage(self, tmp_path, text, code):
        assert code in codes(refusal(tmp_path, text))

    @pytest.mark.parametrize("name", ["GB2312", "gbk", "GB18030"])
    def test_chinese_encodings(self, tmp_path, name):
        table, report = read(tmp_path, answer([camera(Name="㐂𠮷门")], encoding=name))
        assert table["name"].iloc[0] == "㐂𠮷门"
        assert report.encoding == name.upper()

    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
    def test_unicode_encodings(self, tmp_path, codec):
        text = answer([camera()], declaration=False)
        table, _ = read(tmp_path, text, codec)
        assert table["name"].iloc[0] == "八一广场东门"

    def test_bytes_that_are_not_what_they_declare(self, tmp_path):
        (fault,) = refusal(tmp_path, answer([camera()], encoding="UTF-8"))
        assert (fault.code, fault.where) == ("xml.encoding", "row 10")
        table, report = read(tmp_path, answer([camera()]), "utf-8", keep_good=True)
        assert table["name"].iloc[0] != "八一广场东门"
        assert "also valid UTF-8" in report.summary("en")
        declared = Declared(encoding="utf-8")
        table, _ = read(tmp_path, answer([camera()]), "utf-8", declared=declared)
        assert table["name"].iloc[0] == "八一广场东门"

    def test_a_catalogue_shows_itself(self, tmp_path):
        assert is_catalogue(written(tmp_path, answer([camera()])))
        assert is_catalogue(written(tmp_path, answer([]), "utf-16"))
        assert not is_catalogue(written(tmp_path, "<osm></osm>"))
        with pytest.raises(InputError):
            read(tmp_path, "<osm></osm>")


class TestCodes:
    @pytest.mark.parametrize("code", ["36", "3601", "360103", "36010304", "310115", "36000000"])
    def test_divisions(self, code):
        assert is_division(code)

    @pytest.mark.parametrize("code", ["", "3", "361", "00", "16", "360003", "36010004", "a6", "٣٦"])
    def test_what_is_none(self, code):
        assert not is_division(code)

    @given(st.text("0123456789", min_size=0, max_size=24))
    def test_an_id_has_twenty_digits_and_a_province(self, code):
        assert is_device_id(code) == (
            len(code) == 20 and is_division(code[:2]) and is_division(code[:6])
        )
        assert (kind_of(code) == "") == (not is_device_id(code) and not is_division(code))

    @given(st.floats(0, 360, exclude_max=True))
    def test_a_direction_lies_in_its_sector(self, azimuth):
        middle = {"1": 90, "2": 270, "3": 180, "4": 0, "5": 135, "6": 45, "7": 225, "8": 315}
        off = (azimuth - middle[sector_of(azimuth)] + 180) % 360 - 180
        assert abs(off) <= 22.5


NAMES = st.sampled_from([field.name for field in FIELDS] + ["Password", "X", "PositionType"])
TEXTS = st.one_of(
    st.sampled_from(["1", "0", "131", "36010300001320000001", "115.9", "28.6", "", " ", "6/5"]),
    st.text(max_size=30),
)


class TestAnyInput:
    def survives(self, folder, raw):
        path = folder / "any.xml"
        path.write_bytes(raw)
        try:
            table, report = read_catalogue(path, keep_good=True)
        except InputError as error:
            faults = error.faults
        else:
            CAMERAS.check(table)
            assert report.kept == len(table) > 0
            faults = report.rejected
        assert all(fault.code and str(fault.expected) for fault in faults)

    @given(st.binary(max_size=300))
    @example(b"<Response><CmdType>Catalog")
    @example(b'<?xml version="1.0" encoding="UTF-16"?><Response><CmdType>Catalog')
    def test_bytes(self, tmp_path_factory, raw):
        self.survives(tmp_path_factory.mktemp("x"), raw)
        head = answer([camera()]).encode("gb18030")
        self.survives(tmp_path_factory.mktemp("x"), head + raw)

    @given(st.integers(0, 2500), st.binary(max_size=4))
    def test_damage(self, tmp_path_factory, at, raw):
        whole = answer([camera(1), camera(2)]).encode("gb18030")
        self.survives(tmp_path_factory.mktemp("x"), whole[:at] + raw + whole[at + len(raw) :])

    @given(st.lists(st.tuples(st.booleans(), NAMES, TEXTS), max_size=12), st.text(max_size=3))
    def test_records(self, tmp_path_factory, fields, num):
        outer = {name: text for inside, name, text in fields if not inside}
        inner = {name: text for inside, name, text in fields if inside}
        text = answer([camera(), item(outer, inner)]).replace('Num="2"', f'Num="{num}"')
        self.survives(tmp_path_factory.mktemp("x"), text.encode("gb18030", "replace"))
