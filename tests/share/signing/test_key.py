"""Keys as they are written and read out."""

from __future__ import annotations

import re

import pytest

from freehold.errors import UsageError
from freehold.share.signing.identity import Identity
from freehold.share.signing.key import PublicKey, check_key_name, read_code


def test_a_key_is_what_it_was_written_as(ana: Identity) -> None:
    assert PublicKey.parse(str(ana.key)) == ana.key


@pytest.mark.parametrize(
    "text", ["", "ed25519:", "ed25519:" + "g" * 64, "ecdsa:" + "a" * 64, "ed25519:" + "A" * 64]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no key"):
        PublicKey.parse(text)


def test_a_code_is_24_digits_and_changes_with_every_bit_of_the_key(ana: Identity) -> None:
    raw = int(ana.key.hex, 16)
    codes = {PublicKey(f"{raw ^ (1 << bit):064x}").code for bit in range(256)} | {ana.key.code}
    assert len(codes) == 257
    assert all(re.fullmatch(r"\d{4}( \d{4}){5}", code) for code in codes)


def test_a_code_is_always_the_same() -> None:
    assert PublicKey("0" * 64).code == "9469 1615 6918 1827 0689 4060"


@pytest.mark.parametrize("text", ["1234-5678-9012-3456-7890-1234", "123456789012345678901234"])
def test_a_code_is_read_however_it_is_typed(text: str) -> None:
    assert read_code(text) == "1234 5678 9012 3456 7890 1234"


@pytest.mark.parametrize("text", ["", "1234", "1234 5678 9012 3456 7890 123x", "٣" * 24])
def test_what_is_no_code_is_none(text: str) -> None:
    assert read_code(text) is None


def test_nothing_is_proven_by_a_key_that_is_no_point_of_the_curve() -> None:
    assert not PublicKey("02" + "0" * 62).proves(b"anything", bytes(64))


@pytest.mark.parametrize("name", ["", "  ", "a" * 61, "two\nlines", "\x1b[31mred", "turn\u202eed"])
def test_a_name_is_one_short_line(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a key's name"):
        check_key_name(name)
