"""Whose keys are known here."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.errors import StorageError, UsageError
from freehold.share.signing.identity import Identity
from freehold.share.signing.known_keys import KnownKeys


def test_a_key_is_known_by_the_name_the_owner_gives(
    home: Path, ana: Identity, bo: Identity
) -> None:
    keys = KnownKeys(home)
    keys.trust(ana.key, "Ana")
    keys.trust(bo.key, "Bo")
    again = KnownKeys(home)
    assert [known.name for known in again.all()] == ["Ana", "Bo"]
    found = again.find(ana.key)
    assert found is not None
    assert found.name == "Ana"
    renamed = again.trust(ana.key, "Ana at home")
    assert renamed.since == found.since
    assert again.named("Ana") is None


def test_two_keys_cannot_have_one_name(home: Path, ana: Identity, bo: Identity) -> None:
    keys = KnownKeys(home)
    keys.trust(ana.key, "Ana")
    with pytest.raises(UsageError, match="Another key is known as 'Ana'"):
        keys.trust(bo.key, "Ana")
    assert KnownKeys(home).find(bo.key) is None


def test_a_key_is_forgotten_by_name_code_or_itself(home: Path, ana: Identity) -> None:
    for word in ("Ana", ana.key.code, ana.key.code.replace(" ", ""), str(ana.key)):
        KnownKeys(home).trust(ana.key, "Ana")
        assert KnownKeys(home).forget(word).name == "Ana"
        assert KnownKeys(home).all() == ()
    with pytest.raises(UsageError, match="No key is known as"):
        KnownKeys(home).forget("Ana")


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 2, "keys": []}', '{"version": 1}'])
def test_a_damaged_list_is_an_error_and_not_an_empty_one(home: Path, text: str) -> None:
    home.mkdir()
    (home / "known-keys.json").write_text(text)
    with pytest.raises(StorageError, match="cannot be read"):
        KnownKeys(home)
