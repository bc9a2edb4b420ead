"""OpenSSF's signature files, opened without trust."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization import PublicFormat as Public
from tests.share.openssf.conftest import RECORDED, make_keys

from freehold.errors import FormatError, HashMismatch, UsageError
from freehold.share.openssf.bundle import prove_signature, read_signature, write_signature


@pytest.mark.parametrize("name", ["files", "shards", "one"])
def test_what_model_signing_made_is_proven(name: str) -> None:
    prove_signature(read_signature(RECORDED / f"{name}.sig"), RECORDED / f"{name}.pem")


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_what_is_written_is_proven(curve: ec.EllipticCurve, tmp_path: Path) -> None:
    private, public = make_keys(tmp_path, curve)
    (tmp_path / "a.sig").write_bytes(write_signature(b"{}", private))
    found = read_signature(tmp_path / "a.sig")
    assert found.payload == b"{}"
    prove_signature(found, public)


def _change(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    document = json.loads((RECORDED / "files.sig").read_text())
    change(document)
    path = tmp_path / "changed.sig"
    path.write_text(json.dumps(document))
    return path


def test_another_key_did_not_make_it(tmp_path: Path) -> None:
    found = read_signature(RECORDED / "files.sig")
    with pytest.raises(HashMismatch, match="another key"):
        prove_signature(found, make_keys(tmp_path, ec.SECP256R1())[1])
    unnamed = _change(tmp_path, lambda d: d["verificationMaterial"]["publicKey"].pop("hint"))
    with pytest.raises(HashMismatch, match="The signature is false"):
        prove_signature(read_signature(unnamed), tmp_path / "public.pem")
    prove_signature(read_signature(unnamed), RECORDED / "files.pem")


def test_an_altered_payload_is_false(tmp_path: Path) -> None:
    def alter(document: dict[str, Any]) -> None:
        envelope = document["dsseEnvelope"]
        body = b64decode(envelope["payload"]).replace(b"cc36", b"cc37")
        envelope["payload"] = b64encode(body).decode()

    with pytest.raises(HashMismatch, match="The signature is false"):
        prove_signature(read_signature(_change(tmp_path, alter)), RECORDED / "files.pem")


def _in_envelope(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["dsseEnvelope"].update({name: value})


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(mediaType="application/json"),
        lambda d: d.pop("mediaType"),
        lambda d: d.update(verificationMaterial={"certificate": {"rawBytes": "AA=="}}),
        lambda d: d.update(verificationMaterial=[]),
        lambda d: d["verificationMaterial"].update(publicKey="me"),
        _in_envelope("payloadType", "text/plain"),
        _in_envelope("payload", "not base64!"),
        _in_envelope("payload", None),
        _in_envelope("signatures", []),
        _in_envelope("signatures", [{"sig": "AA=="}, {"sig": "AA=="}]),
        _in_envelope("signatures", [{"sig": 7}]),
        _in_envelope("signatures", {"sig": "AA=="}),
    ],
)
def test_hostile_files_are_one_clear_error(
    change: Callable[[dict[str, Any]], object], tmp_path: Path
) -> None:
    with pytest.raises(FormatError):
        read_signature(_change(tmp_path, change))


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff\xfe", b"[" * 99_999, b"x" * (5 << 20)])
def test_what_is_no_signature_file(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.sig").write_bytes(data)
    with pytest.raises(FormatError):
        read_signature(tmp_path / "x.sig")


def test_a_signature_that_is_no_ecdsa_is_false(tmp_path: Path) -> None:
    changed = _change(tmp_path, _in_envelope("signatures", [{"sig": "AAAA"}]))
    with pytest.raises(HashMismatch, match="false"):
        prove_signature(read_signature(changed), RECORDED / "files.pem")


def test_keys_of_other_kinds_are_refused(tmp_path: Path) -> None:
    found = read_signature(RECORDED / "files.sig")
    key = ed25519.Ed25519PrivateKey.generate()
    (tmp_path / "ed.pem").write_bytes(
        key.public_key().public_bytes(Encoding.PEM, Public.SubjectPublicKeyInfo)
    )
    make_keys(tmp_path, ec.SECP256K1())
    (tmp_path / "text.pem").write_text("hello")
    for name in ("ed.pem", "public.pem"):
        with pytest.raises(UsageError, match="of another kind"):
            prove_signature(found, tmp_path / name)
    for name in ("text.pem", "private.pem"):
        with pytest.raises(UsageError, match="is no public key"):
            prove_signature(found, tmp_path / name)
    with pytest.raises(UsageError, match="of another kind"):
        write_signature(b"{}", tmp_path / "private.pem")
    with pytest.raises(UsageError, match="is no private key"):
        write_signature(b"{}", tmp_path / "public.pem")
    locked = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    (tmp_path / "locked.pem").write_bytes(locked)
    with pytest.raises(UsageError, match="locked with a passphrase"):
        write_signature(b"{}", tmp_path / "locked.pem")
