"""Keys of installations: made once and closed, and signatures that OpenSSH agrees with."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.store import keys

OPENSSH = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH is not installed")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder of an installation that has no key yet."""
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "here" / "accounts.json"))
    return tmp_path / "here"


def settle(tmp_path, monkeypatch, name):
    """Make another installation the one that acts."""
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / name / "accounts.json"))


def test_a_key_is_made_once_for_its_owner_alone(folder):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: keys.own_key(), range(16)))
    assert len({one.line for one in made}) == 1
    assert [one.name for one in folder.iterdir()] == ["signing.key"]
    assert stat.S_IMODE((folder / "signing.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (folder / "signing.key").chmod(0o640)
    with pytest.raises(InputError, match="chmod 600"):
        keys.own_key()


@pytest.mark.parametrize("content", [b"", b"none", b"-----BEGIN OPENSSH PRIVATE KEY-----\n"])
def test_a_key_that_cannot_be_read_is_said_and_stays(folder, content):
    folder.mkdir()
    (folder / "signing.key").write_bytes(content)
    (folder / "signing.key").chmod(0o600)
    with pytest.raises(InputError, match=r"signing\.key") as error:
        keys.own_key()
    assert str(error.value.faults[0].remedy)
    assert (folder / "signing.key").read_bytes() == content


def test_a_signature_holds_for_its_bytes_its_purpose_and_nothing_else():
    signature = keys.sign(b"content", keys.HANDOVER)
    assert keys.signer_of(signature, b"content", keys.HANDOVER) == keys.own_key()
    lines = signature.decode().splitlines()
    wrong = {
        "other bytes": (signature, b"Content", keys.HANDOVER),
        "another purpose": (signature, b"content", keys.BUNDLE),
        "no signature": (b"", b"content", keys.HANDOVER),
        "cut off": ("\n".join(lines[:-2]).encode(), b"content", keys.HANDOVER),
        "a line less": ("\n".join([*lines[:2], *lines[3:]]).encode(), b"content", keys.HANDOVER),
        "more behind": (signature + b"more", b"content", keys.HANDOVER),
        "no base64": (signature.replace(b"U1NI", b"!!!!"), b"content", keys.HANDOVER),
        "longer than any": (signature + b" " * 10_000, b"content", keys.HANDOVER),
    }
    for what, (given, content, purpose) in wrong.items():
        with pytest.raises(ValueError, match=r"."):
            pytest.fail(f"{what}: {keys.signer_of(given, content, purpose)}")
    for at in range(40, len(signature) - 40, 7):
        spoilt = bytearray(signature)
        spoilt[at] ^= 1
        with pytest.raises(ValueError, match=r"."):
            pytest.fail(f"byte {at}: {keys.signer_of(bytes(spoilt), b'content', keys.HANDOVER)}")


@OPENSSH
def test_openssh_checks_ours_and_we_check_what_openssh_signed(tmp_path, folder):
    content = tmp_path / "content"
    content.write_bytes(b"content" * 100_000)
    own = keys.own_key()
    told = subprocess.check_output(["ssh-keygen", "-y", "-f", folder / "signing.key"], text=True)
    assert told.split()[:2] == own.line.split()[:2]
    public = tmp_path / "own.pub"
    public.write_text(f"{own.line}\n", encoding="utf-8")
    assert own.fingerprint in subprocess.check_output(["ssh-keygen", "-lf", public], text=True)
    keys.trust("住建局", public)
    (tmp_path / "content.sig").write_bytes(keys.sign(content, keys.BUNDLE))
    check = ["ssh-keygen", "-Y", "verify", "-f", folder / "trusted_keys", "-I", "住建局"]
    check += ["-n", keys.BUNDLE, "-s", tmp_path / "content.sig"]
    with content.open("rb") as file:
        subprocess.run(check, stdin=file, check=True, capture_output=True)
    sign = ["ssh-keygen", "-Y", "sign", "-f", folder / "signing.key", "-n", keys.HANDOVER]
    theirs = subprocess.run(sign, input=b"content", capture_output=True, check=True).stdout
    assert keys.signer_of(theirs, b"content", keys.HANDOVER) == own


def test_trusted_keys_are_added_listed_and_taken_away_by_command(tmp_path, monkeypatch, capsys):
    settle(tmp_path, monkeypatch, "there")
    public = tmp_path / "there.pub"
    assert run(["key", "show", "--out", str(public), "--lang", "en"]) == OK
    said = capsys.readouterr().out
    theirs = keys.own_key()
    assert theirs.fingerprint in said
    assert public.read_text().startswith(theirs.line)
    assert "PRIVATE" not in public.read_text()
    settle(tmp_path, monkeypatch, "here")
    assert keys.signer_name(theirs) is None
    assert run(["key", "trust", str(public), "--name", "housing"]) == OK
    assert theirs.fingerprint in capsys.readouterr().out
    assert keys.signer_name(theirs) == "housing"
    assert run(["key", "list", "--json"]) == OK
    told = json.loads(capsys.readouterr().out)
    assert told["trusted"] == [{"name": "housing", "fingerprint": theirs.fingerprint}]
    assert stat.S_IMODE((tmp_path / "here" / "trusted_keys").stat().st_mode) == 0o600
    assert run(["key", "trust", str(public), "--name", "other"]) == BAD_INPUT  # known already
    assert run(["key", "forget", "housing"]) == OK
    assert keys.signer_name(theirs) is None
    assert run(["key", "forget", "housing"]) == BAD_INPUT


RSA = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC0 x"
ODD = {
    "a name with a blank": ("housing office", ""),
    "a name with a wildcard": ("*", ""),
    "a name that reads backwards": ("a\u202eb", ""),
    "an escape sequence": ("a\x1b[2J", ""),
    "no name": ("", ""),
    "no key": ("housing", "hello"),
    "another kind of key": ("housing", RSA),
    "a private key": ("housing", "-----BEGIN OPENSSH PRIVATE KEY-----"),
    "two keys": ("housing", "{line}\n{line}\n"),
    "a key that is cut off": ("housing", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA=="),
    "a very long file": ("housing", "x" * 100_000),
    "bytes": ("housing", b"\xff\xfe"),
}


@pytest.mark.parametrize("what", ODD)
def test_what_is_no_name_or_no_public_key_is_refused_with_a_remedy(tmp_path, folder, what):
    name, content = ODD[what]
    path = tmp_path / "odd.pub"
    line = keys.own_key().line
    raw = content if isinstance(content, bytes) else (content or line).format(line=line).encode()
    path.write_bytes(raw)
    with pytest.raises(InputError) as error:
        keys.trust(name, path)
    assert all(str(fault.remedy) for fault in error.value.faults)
    assert not (folder / "trusted_keys").exists()


def test_a_list_of_trusted_keys_that_others_may_write_is_refused(tmp_path, folder):
    public = tmp_path / "own.pub"
    public.write_text(keys.own_key().line)
    keys.trust("housing", public)
    (folder / "trusted_keys").chmod(0o666)
    with pytest.raises(InputError, match="chmod 600"):
        keys.trusted_keys()


def test_a_signed_file_is_checked_by_command(tmp_path, monkeypatch, capsys):
    settle(tmp_path, monkeypatch, "there")
    archive, public = tmp_path / "bundle.tar", tmp_path / "there.pub"
    archive.write_bytes(b"bundle")
    (tmp_path / "bundle.tar.sig").write_bytes(keys.sign(archive, keys.BUNDLE))
    public.write_text(keys.own_key().line)
    settle(tmp_path, monkeypatch, "here")
    words = ["key", "check", str(archive), "--lang", "en"]
    assert run(words) == BAD_INPUT
    assert "key trust" in " ".join(capsys.readouterr().err.split())
    keys.trust("releases", public)
    assert run(words) == OK
    assert "releases" in capsys.readouterr().out
    archive.write_bytes(b"another")
    assert run(words) == BAD_INPUT
    (tmp_path / "bundle.tar.sig").unlink()
    assert run(words) == BAD_INPUT
