"""The journal: believed when it is whole and of this file, otherwise as if it were not there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from freehold.names import Digest
from freehold.transfer.interface import RemoteFile
from freehold.transfer.state import Journal, discard, journal_path, load, save

HASH = "ab" * 32
URL = "http://here/model"
JOURNAL = Journal(1000, HASH, ((URL, '"one"'),), ((0, 100),), ((0, 100), (500, 700)), "boot-1")
REMOTE = RemoteFile((URL,), 1000, Digest(HASH))
PLAIN = RemoteFile((URL,))


@pytest.fixture
def saved(target: Path) -> Path:
    target.write_bytes(bytes(1000))
    save(target, JOURNAL)
    return target


def test_what_was_saved_is_loaded(saved: Path) -> None:
    assert load(saved, REMOTE) == JOURNAL
    assert load(saved, replace(REMOTE, urls=("http://elsewhere/x",), size=None)) == JOURNAL


@pytest.mark.parametrize(
    "other",
    [
        replace(REMOTE, sha256=Digest("cd" * 32)),
        replace(REMOTE, size=1001),
        PLAIN,
    ],
)
def test_another_file_does_not_go_on_from_it(saved: Path, other: RemoteFile) -> None:
    assert load(saved, other) is None


def test_without_a_hash_the_address_must_be_able_to_tell(target: Path) -> None:
    target.write_bytes(bytes(1000))
    save(target, replace(JOURNAL, sha256=None))
    assert load(target, PLAIN) is not None
    assert load(target, RemoteFile(("http://elsewhere/x",))) is None
    save(target, replace(JOURNAL, sha256=None, validators=()))
    assert load(target, PLAIN) is None


def test_written_bytes_count_until_the_machine_starts_anew() -> None:
    assert JOURNAL.there("boot-1") == ((0, 100), (500, 700))
    assert JOURNAL.there("boot-2") == ((0, 100),)
    assert replace(JOURNAL, boot=None).there(None) == ((0, 100),)


def test_a_torn_or_damaged_journal_counts_for_nothing(saved: Path) -> None:
    path = journal_path(saved)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert load(saved, REMOTE) is None
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1
        path.write_bytes(changed)
        assert load(saved, REMOTE) is None


def test_without_its_file_it_counts_for_nothing(saved: Path) -> None:
    saved.write_bytes(bytes(999))
    assert load(saved, REMOTE) is None
    saved.unlink()
    assert load(saved, REMOTE) is None


def test_discarding_leaves_nothing(saved: Path) -> None:
    discard(saved)
    assert list(saved.parent.iterdir()) == []
    discard(saved)
