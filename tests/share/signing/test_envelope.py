"""Envelopes: opened without trust."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from freehold.errors import FormatError, UsageError
from freehold.share.signing.envelope import (
    PAYLOAD_TYPE,
    encode_for_signing,
    open_envelope,
    seal,
)
from freehold.share.signing.identity import Identity


def test_what_was_sealed_comes_out(ana: Identity) -> None:
    envelope = open_envelope(seal(b"the payload", ana.key, ana.sign))
    assert (envelope.payload, envelope.key) == (b"the payload", ana.key)
    assert envelope.is_genuine


def test_the_encoding_is_the_one_of_dsse() -> None:
    encoded = encode_for_signing("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_every_flipped_bit_of_payload_and_signature_is_noticed(ana: Identity) -> None:
    document = json.loads(seal(b"the payload", ana.key, ana.sign))
    tried = 0
    for place in ("payload", "signature"):
        envelope = open_envelope(json.dumps(document))
        raw = bytearray(getattr(envelope, place))
        for bit in range(8 * len(raw)):
            raw[bit // 8] ^= 1 << bit % 8
            changed = json.loads(json.dumps(document))
            text = b64encode(bytes(raw)).decode()
            if place == "payload":
                changed["payload"] = text
            else:
                changed["signatures"][0]["sig"] = text
            assert not open_envelope(json.dumps(changed)).is_genuine
            raw[bit // 8] ^= 1 << bit % 8
            tried += 1
    print(f"{tried} flipped bits, each noticed")


def test_a_signature_over_the_bare_payload_is_none(ana: Identity) -> None:
    """What DSSE's encoding is for: nothing signed for another purpose is a signature here."""
    document = json.loads(seal(b"the payload", ana.key, ana.sign))
    document["signatures"][0]["sig"] = b64encode(ana.sign(b"the payload")).decode()
    assert not open_envelope(json.dumps(document)).is_genuine


def test_another_key_in_the_envelope_proves_nothing(ana: Identity, bo: Identity) -> None:
    text = seal(b"the payload", ana.key, ana.sign).replace(str(ana.key), str(bo.key))
    envelope = open_envelope(text)
    assert envelope.key == bo.key
    assert not envelope.is_genuine


def _set(*path: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        at: Any = document
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = to

    return change


HOSTILE = {
    "another payload type": _set("payloadType", to="application/vnd.in-toto+json"),
    "another algorithm": _set("signatures", 0, "keyid", to="ecdsa:" + "a" * 64),
    "a short key": _set("signatures", 0, "keyid", to="ed25519:aa"),
    "a key that is a number": _set("signatures", 0, "keyid", to=7),
    "no signature": _set("signatures", to=[]),
    "signatures that are no list": _set("signatures", to={"sig": ""}),
    "a signature that is a text": _set("signatures", to=["abc"]),
    "base64 with a space": _set("payload", to="aGVs bG8="),
    "base64 with stray bits": _set("payload", to="aGVsbG9="),
    "base64 of another alphabet": _set("payload", to="-_-_"),
    "a payload that is null": _set("payload", to=None),
    "a signature of 63 bytes": _set("signatures", 0, "sig", to=b64encode(bytes(63)).decode()),
    "a payload as long as a book": _set("payload", to="A" * (200 << 10)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_envelopes_are_one_clear_error(name: str, ana: Identity) -> None:
    document = json.loads(seal(b"hello", ana.key, ana.sign))
    HOSTILE[name](document)
    with pytest.raises(FormatError):
        open_envelope(json.dumps(document))


def test_two_signatures_in_one_envelope_are_refused(ana: Identity) -> None:
    document = json.loads(seal(b"hello", ana.key, ana.sign))
    document["signatures"] *= 2
    with pytest.raises(FormatError):
        open_envelope(json.dumps(document))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '"a text"',
        "[" * 50_000,
        '{"payloadType": 1}',
        f'{{"payloadType": "{PAYLOAD_TYPE}", "payloadType": "{PAYLOAD_TYPE}"}}',
        '{"payload": "\ud800"}',
        "{" + '"a":1,' * 200_000 + '"b":1}',
    ],
    ids=["empty", "{}", "list", "null", "text", "deep", "type", "twice", "surrogate", "huge"],
)
def test_what_is_no_envelope(text: str) -> None:
    with pytest.raises(FormatError):
        open_envelope(text)


def test_a_key_twice_in_an_envelope_is_refused(ana: Identity) -> None:
    text = seal(b"hello", ana.key, ana.sign)
    with pytest.raises(FormatError, match="twice"):
        open_envelope('{"payload":"aGVsbG8=",' + text[1:])


def test_too_much_to_sign_is_refused(ana: Identity) -> None:
    with pytest.raises(UsageError, match="so many files"):
        seal(bytes(80 << 10), ana.key, ana.sign)
