"""What looks like access, a person or a telephone is named and not kept; all else comes in."""

from __future__ import annotations

import pytest

from civicsight.core.i18n import LANGUAGES, translate
from civicsight.io.guessing import read_columns
from civicsight.io.registers.templates import SOURCE_SCHEMAS
from civicsight.io.secrets import KINDS, secret_of_header
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.column_matching import describe_columns
from civicsight.io.tables.inventory import CAMERA_SCHEMA, read_cameras
from civicsight.io.tables.mapping_file import mapping_text
from civicsight.io.tables.sheet import known_words
from civicsight.io.tables.source import read_sheet
from tests.city_made import write
from tests.workbooks import make_workbook

SECRET_HEADERS = [
    "UserId",
    "Password",
    "user_name",
    "USERNAME",
    "user.account",
    "login",
    "LoginName",
    "IPAddr",
    "IPAddress",
    "ip_address",
    "Port",
    "RTSP_Port",
    "MAC",
    "mac-address",
    "Gateway",
    "phone",
    "Phone_No",
    "telephone",
    "Tel",
    "mobile",
    "contact",
    "contact_person",
    "ContactInfo",
    "e-mail",
    "EmailAddress",
    "api_key",
    "AccessKey",
    "token",
    "access_token",
    "secretKey",
    "passport_no",
    "id_card",
    "fax",
    "SSN",
    "用户名",
    "用户ID",
    "账号",
    "帐号",
    "密码",
    "登录密码",
    "口令",
    "密钥",
    "联系人",
    "联系电话",
    "电话",
    "手机号码",
    "负责人姓名",
    "身份证号",
    "邮箱",
    "IP地址",
    "设备IP",
    "MAC地址",
    "端口号",
    "子网掩码",
    "聯絡人",
    "聯絡電話",
    "手機",
    "帳號",
    "密碼",
    "使用者名稱",
    "電子郵件",
    "IP位址",
    "電話番号",
    "担当者",
    "氏名",
    "ユーザー名",
    "パスワード",
    "メールアドレス",
    "IPアドレス",
    "전화번호",
    "관리기관전화번호",
    "담당자",
    "비밀번호",
    "사용자",
    "사용자ID",
    "이메일",
    "IP주소",
    "휴대폰",
    "Benutzername",
    "Benutzer",
    "Passwort",
    "Kennwort",
    "Telefon",
    "Telefonnummer",
    "Ansprechpartner",
    "IP-Adresse",
    "E-Mail",
    "Mobilnummer",
    "téléphone",
    "TÉLÉPHONE",
    "utilisateur",
    "mot_de_passe",
    "nom_d'utilisateur",
    "courriel",
    "adresse_IP",
    "prénom",
    "usuario",
    "contraseña",
    "teléfono",
    "correo_electrónico",
    "Dirección_IP",
    "persona_de_contacto",
    "apellidos",
    "utilizador",
    "usuário",
    "senha",
    "telefone",
    "telemóvel",
    "palavra-passe",
    "utente",
    "telefono",
    "cellulare",
    "codice_fiscale",
    "indirizzo_IP",
    "cognome",
    "пользователь",
    "пароль",
    "телефон",
    "Телефон",
    "ФИО",
    "почта_e-mail",
    "логин",
]

HONEST_HEADERS = [
    "设备编码",
    "设备编号",
    "CAM_ID",
    "ApeID",
    "Camera_Ref",
    "点号",
    "国标编码",
    "门牌号",
    "街道",
    "派出所",
    "行政区划代码",
    "点位名称",
    "安装地址",
    "监控方位",
    "经度",
    "纬度",
    "高度",
    "电话亭编号",
    "公用电话旁",
    "使用单位",
    "管理单位",
    "产权单位",
    "建设单位",
    "设备厂商",
    "型号",
    "固件版本",
    "防护等级",
    "序列号",
    "物料编码",
    "IP等级",
    "key_target",
    "key_id",
    "street_number",
    "house_no",
    "user_type",
    "passage",
    "sport",
    "airport",
    "report_no",
    "import_date",
    "machine",
    "macro",
    "mailbox_no",
    "telephone_box",
    "ownership",
    "authority",
    "portal",
    "PlaceCode",
    "OrgCode",
    "MonitorDirection",
    "Name",
    "Model",
    "IsOnline",
    "시설물번호",
    "소재지도로명주소",
    "카메라대수",
    "설치연월",
    "관리기관명",
    "管理番号",
    "設置場所",
    "台数",
    "所在地",
    "Kennung",
    "Standort",
    "Straße",
    "Hausnummer",
    "Baujahr",
    "Telefonzelle",
    "emplacement",
    "identifiant",
    "adresse",
    "commune",
    "dirección",
    "ubicación",
    "clave",
    "código",
    "endereço",
    "localização",
    "indirizzo",
    "ubicazione",
    "адрес",
    "номер",
    "место",
    "Годовой_номер",
    "編號",
    "所屬單位",
    "安裝地址",
    "攝影方向",
    "Lokacija",
    "Godina",
    "camera_type",
    "image_url",
    "indoor_outdoor",
    "signage_visible",
    "portée",
    "Reichweite",
]

TEMPLATE = "camera_id,name,lon,lat,{}\n"


def sheet_with(tmp_path, header, *cells):
    rows = "".join(f'C{n},Gate {n},115.90{n},28.68,"{cell}"\n' for n, cell in enumerate(cells, 1))
    return read_sheet(write(tmp_path / "a.csv", TEMPLATE.format(header) + rows))


@pytest.mark.parametrize("header", SECRET_HEADERS)
def test_a_secret_is_known_by_its_header_in_eleven_languages(header, tmp_path):
    sheet = sheet_with(tmp_path, header.replace("_", " "), "SECRET-VALUE", "SECRET-VALUE")
    assert len(sheet.header) == 4, f"{header} came in"
    assert "SECRET-VALUE" not in repr(sheet)
    (note,) = [str(note) for note in sheet.notes if "not read and not kept" in str(note)]
    assert header.replace("_", " ") in note


@pytest.mark.parametrize("header", HONEST_HEADERS)
def test_an_honest_column_comes_in(header, tmp_path):
    cells = ("AB 12", "CD 34")
    sheet = sheet_with(tmp_path, header, *cells)
    assert [row[header] for row in sheet.rows][-1] == cells[-1], f"{header} was dropped"


def test_no_known_header_is_taken_for_a_secret():
    assert not {word: kind for word in known_words() if (kind := secret_of_header(word))}


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("telephone", ["13800138000", "139 0013 8001", "+86 13700137000"]),
        ("telephone", ["0791-86789012", "0791-86789013"]),
        ("telephone", ["031-729-1234", "02-123-4567"]),
        ("telephone", ["+49 791 1234567", "+33 1 23 45 67 89"]),
        ("mail", ["li@example.cn", "wang@example.cn"]),
        ("stream", ["rtsp://a:b@10.0.0.1/1", "rtsp://a:b@10.0.0.2/1"]),
        ("stream", ["http://admin:12345@camera/1", "https://x/y?access_token=abcdef"]),
        ("network", ["192.168.1.20", "192.168.1.21"]),
        ("network", ["AA:BB:CC:DD:EE:01", "AA:BB:CC:DD:EE:02"]),
        ("token", ["ghp_abcdefghijklmnop1234", "AKIAABCDEFGHIJKLMNOP"]),
        ("identity", ["11010519491231002X", "440524188001010014"]),
    ],
)
def test_a_secret_is_known_by_its_content(kind, cells, tmp_path):
    sheet = sheet_with(tmp_path, "Spalte X", *cells)
    assert "Spalte X" not in sheet.header
    for cell in cells:
        assert cell not in repr(sheet)
    (note,) = [str(note) for note in sheet.notes if "Spalte X" in str(note)]
    assert f"{KINDS[kind]}, by its content" in note


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("设备编码", ["36010200001320000001", "36010200001320000002"]),
        ("国标编码", ["13010200001", "13010200002"]),
        ("CAM_ID", ["13800138000", "13800138001"]),
        ("asset number", ["130102000010001234", "130102000010001235"]),
        ("Hausnummer", ["12-3", "14a"]),
        ("date", ["2019-03-01", "2020-04-05"]),
        ("MonitorAreaDesc", ["23号院东门 12-3-4", "K12+300"]),
        ("firmware", ["V5.5.0 build 190423", "V5.6.1 build 200101"]),
        ("photo", ["https://example.org/a?type=photo&name=1.jpg", "https://example.org/b"]),
        ("map link", ["https://uri.amap.com/marker?position=115.90,28.68", "geo:28.68,115.9"]),
        ("WKT geometry", ["POINT (115.13912345678 28.13812345678)", "POINT (115.1 28.1)"]),
        ("bounds", ["115.13912345678,28.15812345678", "115.1,28.1"]),
        ("install year", ["2019", "2020"]),
        ("CAM_ID", ["new:pole:L-005@4.6/standard/4/20", "new:facade:12/6/3@5.25/wide/301/31"]),
        ("part", ["way/13012345678#gate@393476,3176316", "node/13812345678@4"]),
    ],
)
def test_honest_content_is_kept_whole(header, cells, tmp_path):
    sheet = sheet_with(tmp_path, header, *cells)
    assert [row[header] for row in sheet.rows] == cells


def test_a_secret_within_a_remark_is_cut_out_and_counted(tmp_path):
    sheet = sheet_with(
        tmp_path,
        "备注",
        "东门，联系 13800138000",
        "密码：abc123",
        "树木遮挡",
        "西门",
        "北门",
        "南门",
    )
    assert [row["备注"] for row in sheet.rows][:3] == ["东门，联系 ***", "***", "树木遮挡"]
    assert any("备注" in str(note) and "2" in str(note) for note in sheet.notes)


def test_a_name_with_a_telephone_keeps_the_name(tmp_path):
    text = "camera_id,name,lon,lat\nC1,东门 13800138000,115.9,28.7\nC2,西门,115.91,28.7\n"
    cameras, report = read_cameras(write(tmp_path / "a.csv", text))
    assert list(cameras["name"]) == ["东门 ***", "西门"]
    assert "13800138000" not in repr(report) + cameras.to_json()


def test_nothing_that_leaves_the_reader_holds_a_secret(tmp_path):
    text = (
        "ApeID,Name,UserId,Password,전화번호,Longitude,Latitude,IPAddr,anything,camera id\n"
        "1,Gate,admin77,pw-88,031-729-1234,115.9,28.7,10.0.0.7,li@example.cn,C1\n"
        "2,Yard,admin78,pw-89,031-729-1235,115.91,28.7,10.0.0.8,wu@example.cn,C2\n"
    )
    path = write(tmp_path / "ape.csv", text)
    cameras, report = read_cameras(path)
    seen = read_columns(path, "cameras")
    shown = [repr(report), cameras.to_json(), repr(seen), repr(read_sheet(path))]
    shown += [report.summary(language) for language in LANGUAGES]
    shown += [mapping_text(seen, CAMERA_SCHEMA, language=language) for language in LANGUAGES]
    for secret in ("admin77", "pw-88", "031-729", "10.0.0.7", "li@example"):
        assert secret not in "\n".join(shown)
    assert "UserId" in report.summary("en")


def test_a_person_may_give_such_a_column_a_meaning(tmp_path):
    path = write(tmp_path / "a.csv", "id,contact,lon,lat\n1,Gate,115.9,28.7\n")
    declared = Declared(mapping=ColumnMapping({"name": "contact"}))
    assert read_cameras(path, declared=declared)[0].loc["1", "name"] == "Gate"


def test_the_note_says_why_in_both_languages(tmp_path):
    path = write(tmp_path / "a.csv", "camera_id,lon,lat,UserId,x9\nC1,115.9,28.7,a,13800138000\n")
    notes = [note for note in read_sheet(path).notes if "UserId" in str(note)]
    assert "user name or account, by its header" in translate(notes[0].example, "en")
    assert "用户名或账号" in translate(notes[0].example, "zh_CN")
    assert "telephone" in str(notes[0])


def test_every_kind_of_table_drops_them(tmp_path):
    for kind, schema in SOURCE_SCHEMAS.items():
        path = write(
            tmp_path / f"{kind}.csv", "id,lon,lat,name,Password\n1,115.9,28.7,a,SECRET-77\n"
        )
        seen = describe_columns(read_sheet(path), schema, Declared())
        assert "SECRET-77" not in repr(seen), kind


def test_a_number_that_a_workbook_spoilt_is_not_shown_where_it_is_a_secret(tmp_path):
    """A document of 18 digits kept as a number loses digits: a fault, but of a column left out."""
    rows = [["camera_id", "lon", "lat", "身份证号"], ["C1", 115.9, 28.7, 110105194912310021]]
    cameras, report = read_cameras(make_workbook(tmp_path / "a.xlsx", rows))
    assert len(cameras) == 1
    assert "1101051949" not in repr(report)


def test_who_answered_is_kept_where_a_list_asks_for_it(tmp_path):
    """A list that comes back names who answered; a list of cameras names nobody."""
    path = write(tmp_path / "a.csv", "camera_id,lon,lat,经办人\nC1,115.9,28.7,Li Si\n")
    assert "Li Si" not in repr(read_sheet(path))
    assert read_sheet(path, asked={"by": ("经办人",)}).rows[0]["经办人"] == "Li Si"
