"""One's own key: made once, private, and never leaving."""

from __future__ import annotations

import json
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from freehold.errors import StorageError, UsageError
from freehold.share.signing.identity import FILE, Identity, load_identity, own_identity


def test_a_key_is_made_at_first_use_and_kept(home: Path) -> None:
    assert load_identity(home) is None
    made = own_identity(home)
    assert made.name
    assert own_identity(home) == load_identity(home) == made
    assert made.key.proves(b"words", made.sign(b"words"))
    assert not made.key.proves(b"other words", made.sign(b"words"))


def test_a_new_name_keeps_the_key(home: Path, ana: Identity) -> None:
    before = own_identity(home)
    renamed = own_identity(home, "  Zoë's tower ")
    assert (renamed.name, renamed.key) == ("Zoë's tower", before.key)
    assert load_identity(home) == renamed


def test_several_at_once_make_one_key(home: Path) -> None:
    with ThreadPoolExecutor(8) as crew:
        made = list(crew.map(lambda _: own_identity(home), range(8)))
    assert len({each.key for each in made}) == 1


def test_a_name_that_is_none_makes_no_key(home: Path) -> None:
    with pytest.raises(UsageError):
        own_identity(home, "two\nlines")
    assert load_identity(home) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_its_owner_can_read_it(home: Path) -> None:
    own_identity(home)
    assert stat.S_IMODE((home / FILE).stat().st_mode) == 0o600


def test_the_secret_is_not_shown_by_accident(ana: Identity) -> None:
    assert ana.secret not in repr(ana)


def _swap_halves(document: dict[str, str]) -> None:
    document["private_key"] = "1" * 64


def _newer(document: dict[str, object]) -> None:
    document["version"] = 2


def _short(document: dict[str, str]) -> None:
    document["private_key"] = "12"


def _nameless(document: dict[str, object]) -> None:
    document["name"] = None


@pytest.mark.parametrize("change", [_swap_halves, _newer, _short, _nameless])
def test_a_damaged_file_is_an_error_and_not_a_new_key(home: Path, change: object) -> None:
    assert callable(change)
    own_identity(home)
    document = json.loads((home / FILE).read_bytes())
    change(document)
    (home / FILE).write_text(json.dumps(document))
    before = (home / FILE).read_bytes()
    with pytest.raises(StorageError, match="cannot be read"):
        own_identity(home)
    assert (home / FILE).read_bytes() == before
