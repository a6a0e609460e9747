"""The key of an installation and the keys that it trusts: who signed a file, offline.

Everything is in the formats of OpenSSH, so that an office checks it with ``ssh-keygen`` alone: the
own key as ``ssh-keygen -t ed25519`` writes it, signatures as ``ssh-keygen -Y sign`` does, and the
trusted keys as a list of allowed signers.

References
----------
RFC 8032 (Ed25519); OpenSSH, PROTOCOL.sshsig; ssh-keygen(1), ALLOWED SIGNERS.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256, sha512
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)

from civicsight.core.atomic import flush, naming_target, scratch_beside, written_whole
from civicsight.core.own_files import accounts_path, require_closed
from civicsight.store.faults import reject

HANDOVER: Final = "civicsight-handover"
BUNDLE: Final = "civicsight-bundle"
"""What a signature is for: one for a package is none for a bundle."""

SIGNATURE_ENDING: Final = ".sig"
KIND: Final = b"ssh-ed25519"
MAGIC: Final = b"SSHSIG"
VERSION: Final = (1).to_bytes(4)
HASH: Final = b"sha512"
BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
WIDTH: Final = 70
MOST_BYTES: Final = 4_096
"""No signature and no public key is longer."""

NAME: Final = re.compile(r"[^\s\"'#,*?!\\]{1,60}")
LINE: Final = re.compile(r"(\S+) (\S+)(?: [^\n]*)?\n?")
TRUSTED_LINE: Final = re.compile(
    r'^(\S+) namespaces="civicsight-\*" (ssh-ed25519 \S+)$', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a key, 32 bytes."""

    raw: bytes

    @property
    def blob(self) -> bytes:
        """The key as the protocol of SSH writes it."""
        return _string(KIND) + _string(self.raw)

    @property
    def line(self) -> str:
        """The key as a line of text, to be handed to others."""
        return f"{KIND.decode()} {b64encode(self.blob).decode()}"

    @property
    def fingerprint(self) -> str:
        """What people compare, as ``ssh-keygen -l`` shows it."""
        return f"SHA256:{b64encode(sha256(self.blob).digest()).decode().rstrip('=')}"


def key_path() -> Path:
    """Return the file of the own key."""
    return accounts_path().with_name("signing.key")


def trusted_path() -> Path:
    """Return the file of the trusted keys."""
    return accounts_path().with_name("trusted_keys")


def own_key() -> PublicKey:
    """Return the public half of the key of this installation, which is made once.

    Raises
    ------
    InputError
        If others may read the key, or it is none.
    """
    return PublicKey(_private_key().public_key().public_bytes_raw())


def _private_key() -> Ed25519PrivateKey:
    path = key_path()
    if not path.exists():
        _make_key(path)
    require_closed(path, "key")
    try:
        key = load_ssh_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, Ed25519PrivateKey):
        return key
    return reject("key.damaged", path.name)


def _make_key(path: Path) -> None:
    """Write a new key for its owner alone; of two that make one at once, the first wins."""
    key = Ed25519PrivateKey.generate()
    _make_folder(path)
    with scratch_beside(path) as folder:
        scratch = folder / path.name
        scratch.touch(mode=0o600)
        scratch.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        flush(scratch)
        try:
            os.link(scratch, path)
        except FileExistsError:
            return
        except OSError:  # a disk without links
            if not path.exists():
                scratch.replace(path)
    flush(path.parent)


def _make_folder(path: Path) -> None:
    """Make the folder of a file, for this user alone."""
    with naming_target(path, path.parent):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)


def sign(content: bytes | Path, purpose: str) -> bytes:
    """Return the signature of this installation over bytes or a file, as text.

    Parameters
    ----------
    content
        The bytes, or where they lie.
    purpose
        `HANDOVER` or `BUNDLE`; the signature holds for nothing else.
    """
    key = _private_key()
    signature = key.sign(_signed(content, purpose))
    blob = MAGIC + VERSION + _string(PublicKey(key.public_key().public_bytes_raw()).blob)
    blob += _string(purpose.encode()) + _string(b"") + _string(HASH)
    return _armoured(blob + _string(_string(KIND) + _string(signature)))


def signer_of(signature: bytes, content: bytes | Path, purpose: str) -> PublicKey:
    """Return whose key signed bytes or a file; whether it is trusted is another question.

    Raises
    ------
    ValueError
        If it is no signature, or is of other bytes or for something else.
    """
    if len(signature) > MOST_BYTES:
        msg = "longer than any signature"
        raise ValueError(msg)
    text = signature.decode("ascii").strip()
    blob = b64decode("".join(text.removeprefix(BEGIN).removesuffix(END).split()), validate=True)
    if _armoured(blob).decode().strip() != text or not blob.startswith(MAGIC + VERSION):
        msg = "no signature as OpenSSH writes it"
        raise ValueError(msg)
    key, named, reserved, hashed, signed = _strings(blob[len(MAGIC + VERSION) :], 5)
    (kind, raw), (also, value) = _strings(key, 2), _strings(signed, 2)
    if (kind, also, named, reserved, hashed) != (KIND, KIND, purpose.encode(), b"", HASH):
        msg = "another kind of signature"
        raise ValueError(msg)
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(value, _signed(content, purpose))
    except InvalidSignature:
        msg = "the signature is of something else"
        raise ValueError(msg) from None
    return PublicKey(raw)


def _signed(content: bytes | Path, purpose: str) -> bytes:
    """Return what is signed of bytes or a file: its digest and what the signature is for."""
    if isinstance(content, bytes):
        digest = sha512(content).digest()
    else:
        with content.open("rb") as file:
            digest = file_digest(file, "sha512").digest()
    return MAGIC + b"".join(map(_string, (purpose.encode(), b"", HASH, digest)))


def _armoured(blob: bytes) -> bytes:
    text = b64encode(blob).decode()
    lines = [text[at : at + WIDTH] for at in range(0, len(text), WIDTH)]
    return "\n".join((BEGIN, *lines, END, "")).encode()


def _string(value: bytes) -> bytes:
    return len(value).to_bytes(4) + value


def _strings(blob: bytes, count: int) -> Iterator[bytes]:
    """Return the strings that bytes hold one after the other, as many as said and nothing else.

    Raises
    ------
    ValueError
        If they hold fewer, or more than that.
    """
    found, at = [], 0
    for _ in range(count):
        length = int.from_bytes(blob[at : at + 4])
        found.append(blob[at + 4 : at + 4 + length])
        at += 4 + length
    if at != len(blob):
        msg = f"{len(blob)} bytes where {at} were announced"
        raise ValueError(msg)
    return iter(found)


def trusted_keys() -> dict[str, PublicKey]:
    """Return the keys that are trusted here, by the name of whose they are.

    Raises
    ------
    InputError
        If others may write the list, or it is not what `trust` writes.
    """
    path = trusted_path()
    if not path.exists():
        return {}
    require_closed(path, "key")
    try:
        text = path.read_text(encoding="utf-8")
        known = {name: _public(line) for name, line in TRUSTED_LINE.findall(text)}
        is_ours = _listed(known) == text
    except ValueError:
        is_ours = False
    if not is_ours:
        reject("key.list", path.name)
    return known


def _listed(known: Mapping[str, PublicKey]) -> str:
    return "".join(f'{one} namespaces="civicsight-*" {key.line}\n' for one, key in known.items())


def signer_name(key: PublicKey) -> str | None:
    """Return under which name a key is trusted; empty for the own one, None for a stranger's."""
    if key_path().exists() and key == own_key():
        return ""
    return next((name for name, known in trusted_keys().items() if known == key), None)


def require_signed(path: Path, purpose: str) -> tuple[str, PublicKey]:
    """Return who signed a file, by the signature beside it; the name is empty for the own key.

    Raises
    ------
    InputError
        If there is no signature, it is of something else, or its key is not trusted here.
    """
    beside = path.with_name(f"{path.name}{SIGNATURE_ENDING}")
    try:
        with beside.open("rb") as file:
            key = signer_of(file.read(MOST_BYTES + 1), path, purpose)
    except FileNotFoundError:
        reject("key.unsigned", beside.name)
    except ValueError as error:
        reject("key.signature", path.name, found=str(error)[:80])
    name = signer_name(key)
    if name is None:
        reject("key.stranger", path.name, found=key.fingerprint)
    return name, key


def trust(name: str, path: Path) -> PublicKey:
    """Trust the public key in a file from now on.

    Parameters
    ----------
    name, path
        Whose it is, one word; and the file that the other side's ``key show --out`` wrote.

    Raises
    ------
    InputError
        If the name cannot be taken, the file holds no public key, or either is in the list already.
    """
    if not (NAME.fullmatch(name) and name.isprintable()):
        reject("key.name", name)
    try:
        with path.open("rb") as file:
            found = LINE.fullmatch(file.read(MOST_BYTES).decode("utf-8"))
        key = _public(f"{found[1]} {found[2]}" if found else "")
    except FileNotFoundError:
        reject("key.missing", path.name)
    except (ValueError, OSError):
        reject("key.public", path.name)
    known = trusted_keys()
    same = next((one for one, kept in known.items() if one == name or kept == key), None)
    if same is not None:
        reject("key.known", trusted_path().name, found=same, name=same)
    _write_trusted(known | {name: key})
    return key


def forget(name: str) -> None:
    """Trust the key of this name no longer.

    Raises
    ------
    InputError
        If no trusted key has this name.
    """
    known = trusted_keys()
    if name not in known:
        reject("key.unknown", trusted_path().name, found=name)
    _write_trusted({one: key for one, key in known.items() if one != name})


def _write_trusted(known: Mapping[str, PublicKey]) -> None:
    path = trusted_path()
    _make_folder(path)
    with written_whole(path) as scratch:
        scratch.touch(mode=0o600)
        scratch.write_text(_listed(known), encoding="utf-8")


def _public(line: str) -> PublicKey:
    """Return a key by its line.

    Raises
    ------
    ValueError
        If it is no Ed25519 key, exactly as OpenSSH writes it.
    """
    kind, raw = _strings(b64decode(line.partition(" ")[2], validate=True), 2)
    key = PublicKey(raw)
    if kind != KIND or key.line != line:
        msg = "another kind of key"
        raise ValueError(msg)
    Ed25519PublicKey.from_public_bytes(raw)
    return key
