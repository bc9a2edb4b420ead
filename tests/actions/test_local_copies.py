"""Bytes that another program keeps need not be fetched: they are recognised, proven and taken."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from freehold.actions.local_copies import already_here, local_copies, take_local
from freehold.names import Digest, ModelRef
from freehold.sources.elsewhere.surroundings import Surroundings
from freehold.sources.interface import Offer, OfferedFile, Role
from freehold.store.model import Link
from freehold.store.store import Store

DATA = b"GGUF and more" * 1000
DIGEST = Digest(hashlib.sha256(DATA).hexdigest())


@pytest.fixture
def here() -> Surroundings:
    """A user with the same bytes twice: once named by their hash, once by their name."""
    home = Path(os.environ["HOME"])
    blob = home / ".cache/huggingface/hub/models--o--m/blobs" / DIGEST.hex
    link = blob.parent.parent / "snapshots" / "abc" / "m-Q4.gguf"
    for path in (blob, home / ".lmstudio/models/o/m/M-q4.gguf"):
        path.parent.mkdir(parents=True)
        path.write_bytes(DATA)
    link.parent.mkdir(parents=True)
    link.symlink_to(blob)
    return Surroundings(home)


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(home) as opened:
        yield opened


def test_the_file_that_is_named_by_its_hash_comes_first(here: Surroundings) -> None:
    found = local_copies(DIGEST, len(DATA), "dir/m-Q4.gguf", here)
    assert [path.name for path in found] == [DIGEST.hex, "M-q4.gguf"]


def test_another_size_or_name_is_no_copy(here: Surroundings) -> None:
    other = Digest("ab" * 32)
    assert local_copies(other, len(DATA) + 1, "m-Q4.gguf", here) == []
    assert local_copies(other, len(DATA), "n.gguf", here) == []
    assert len(local_copies(other, None, "m-Q4.gguf", here)) == 1


def test_an_offer_is_known_to_be_here_where_it_says_its_hashes(here: Surroundings) -> None:
    known = OfferedFile("m-Q4.gguf", Role.WEIGHTS, (), len(DATA), DIGEST)
    unsaid = OfferedFile("m-Q4.gguf", Role.WEIGHTS, (), len(DATA), None)
    offer = Offer(ModelRef.parse("hf:o/m"), None, "m", (known, unsaid))
    (copy,) = already_here(offer, here)
    assert copy.file == known
    assert len(copy.paths) == 2


def test_it_is_taken_by_sharing(store: Store, here: Surroundings) -> None:
    record = take_local(store, DIGEST, len(DATA), "m-Q4.gguf", here=here)
    assert record is not None
    assert record.digest == DIGEST
    assert record.link in {Link.REFLINK, Link.HARD_LINK}


def test_a_damaged_copy_is_passed_over_for_the_next(store: Store, here: Surroundings) -> None:
    (first, second) = local_copies(DIGEST, len(DATA), "m-Q4.gguf", here)
    first.write_bytes(DATA[:-1] + b"!")
    record = take_local(store, DIGEST, len(DATA), "m-Q4.gguf", here=here)
    assert record is not None
    assert record.elsewhere == str(second)
    second.write_bytes(DATA[:-1] + b"?")
    with Store.open(store.home.with_name("other")) as other:
        assert take_local(other, DIGEST, len(DATA), "m-Q4.gguf", here=here) is None
        assert not list(other.home.glob("blobs/*/*"))


def test_where_bytes_cannot_be_shared_they_are_copied_rather_than_referred_to(
    store: Store, here: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "likely_way", lambda path: Link.REFERENCE)
    record = take_local(store, DIGEST, len(DATA), "m-Q4.gguf", here=here)
    assert record is not None
    assert record.link is Link.OWN
    for path in local_copies(DIGEST, len(DATA), "m-Q4.gguf", here):
        path.unlink()
    assert store.blob_path(DIGEST).read_bytes() == DATA


def test_nothing_is_here_on_a_machine_without_other_programs(store: Store, tmp_path: Path) -> None:
    assert take_local(store, DIGEST, None, "m.gguf", here=Surroundings(tmp_path)) is None
