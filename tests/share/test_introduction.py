"""A proof holds for one question, one address and one key, and in no other case."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from freehold.errors import FreeholdError, IntegrityError, SourceError
from freehold.formats.strict_json import canonical
from freehold.names import Digest
from freehold.share.introduction import introduce, is_nonce, read_introduction
from freehold.share.signing.envelope import open_envelope, seal
from freehold.share.signing.identity import Identity, own_identity

NONCE, ADDRESS, LISTING = "ab" * 16, "10.0.0.7:2412", Digest("1" * 64)
NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
def ana(tmp_path: Path) -> Identity:
    return own_identity(tmp_path / "ana", "Ana's laptop")


@pytest.fixture
def bo(tmp_path: Path) -> Identity:
    return own_identity(tmp_path / "bo", "Bo")


def answer(identity: Identity | None, **changed: Any) -> bytes:
    said = introduce(identity, NONCE, ADDRESS, LISTING, NOW)
    return json.dumps(said | changed).encode()


def test_it_proves_key_list_and_time(ana: Identity) -> None:
    proof = read_introduction(answer(ana), NONCE, ADDRESS)
    assert proof is not None
    assert (proof.name, proof.key) == ("Ana's laptop", ana.key)
    assert (proof.listing, proof.listed_at) == (LISTING, NOW)


def test_without_a_key_nothing_is_proven() -> None:
    assert read_introduction(answer(None), NONCE, ADDRESS) is None


@pytest.mark.parametrize(
    ("nonce", "address", "said"),
    [
        ("cd" * 16, ADDRESS, "an old proof"),
        (NONCE, "10.0.0.9:2412", "made for '10.0.0.7:2412'"),
        (NONCE, "10.0.0.7:2413", "made for '10.0.0.7:2412'"),
    ],
)
def test_a_proof_for_another_question_or_address(
    ana: Identity, nonce: str, address: str, said: str
) -> None:
    with pytest.raises(IntegrityError, match=said):
        read_introduction(answer(ana), nonce, address)


def test_another_key_cannot_take_the_proof(ana: Identity, bo: Identity) -> None:
    with pytest.raises(IntegrityError, match="cannot sign with"):
        read_introduction(answer(ana, key=str(bo.key)), NONCE, ADDRESS)


def test_no_changed_bit_goes_unseen(ana: Identity, capsys: pytest.CaptureFixture[str]) -> None:
    """Of key, payload and signature: each bit alone."""
    data = answer(ana)
    held = refused = 0
    for at in range(len(data) * 8):
        changed = bytearray(data)
        changed[at // 8] ^= 1 << at % 8
        try:
            proof = read_introduction(bytes(changed), NONCE, ADDRESS)
        except FreeholdError:
            refused += 1
            continue
        held += 1
        assert proof is None or proof.key == ana.key
    with capsys.disabled():
        print(f"\n  {refused + held} bits flipped: {refused} refused, {held} harmless")
    assert held <= 8


def test_a_signature_of_a_model_is_no_proof_nor_the_other_way_round(ana: Identity) -> None:
    payload = canonical({"format": 1, "nonce": NONCE, "address": ADDRESS})
    envelope = json.loads(seal(payload, ana.key, ana.sign))
    taken = answer(ana, payload=envelope["payload"], signature=envelope["signatures"][0]["sig"])
    with pytest.raises(IntegrityError, match="cannot sign with"):
        read_introduction(taken, NONCE, ADDRESS)
    proof = json.loads(answer(ana))
    envelope["payload"] = proof["payload"]
    envelope["signatures"][0]["sig"] = proof["signature"]
    assert not open_envelope(json.dumps(envelope)).is_genuine


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format":2,"key":null}',
        b'{"format":1}',
        b'{"format":1,"key":7}',
        b'{"format":1,"key":"ed25519:00","payload":"","signature":""}',
        b'{"format":1,"key":"ed25519:' + b"0" * 64 + b'","payload":7,"signature":""}',
        b"[" * 15_000,
        b"<html>",
    ],
    ids=lambda data: data[:24].decode(),
)
def test_whatever_else_arrives_is_one_sentence(data: bytes) -> None:
    with pytest.raises(SourceError):
        read_introduction(data, NONCE, ADDRESS)


@pytest.mark.parametrize("name", ["two\nlines", "", " x", "x" * 61, "\x1b[2J", 7, None])
def test_a_name_that_cannot_be_shown(ana: Identity, name: Any) -> None:
    from base64 import b64decode, b64encode

    from freehold.share.introduction import PAYLOAD_TYPE
    from freehold.share.signing.envelope import encode_for_signing

    said = json.loads(answer(ana))
    payload = canonical(json.loads(b64decode(said["payload"])) | {"name": name})
    said["payload"] = b64encode(payload).decode()
    said["signature"] = b64encode(ana.sign(encode_for_signing(PAYLOAD_TYPE, payload))).decode()
    with pytest.raises(SourceError, match="no proof"):
        read_introduction(json.dumps(said).encode(), NONCE, ADDRESS)


def test_what_may_be_asked_with() -> None:
    assert is_nonce("0" * 32)
    assert not any(map(is_nonce, ("", "0" * 31, "0" * 129, "g" * 32, "0" * 32 + "\n")))
