from __future__ import annotations

from datetime import UTC, datetime, timedelta

from freehold.names import Digest
from freehold.store.merging import merged, new_model, seen_also, unique_name
from freehold.store.model import Licence, NewModel, OwnedFile, Sighting

THEN = datetime(2026, 1, 1, tzinfo=UTC)
LATER = THEN + timedelta(days=1)
FILE = OwnedFile("f", "weights", Digest("ab" * 32), 1)
TEXT = OwnedFile("LICENSE", "licence", Digest("cd" * 32), 1)
APACHE = Licence("Apache-2.0", None, "open source", TEXT.digest)


def test_a_model_got_again_gains_what_is_new_and_loses_nothing() -> None:
    first = NewModel(
        "one", (FILE,), Licence(), (Sighting("pypi:a", None, None, THEN),), {"a": 1}, notes="mine"
    )
    owned = new_model(first, FILE.digest.hex, "one")
    second = NewModel(
        "two",
        (FILE, TEXT),
        APACHE,
        (Sighting("hf:a/b", None, None, LATER), Sighting("pypi:a", None, None, LATER)),
        {"a": 2, "b": 3},
        tags=("t",),
        notes="theirs",
    )
    both = merged(owned, second)
    assert both.name == "one"
    assert both.files == (FILE, TEXT)
    assert both.licence == APACHE
    assert [(s.ref, s.seen_at) for s in both.sightings] == [("pypi:a", THEN), ("hf:a/b", LATER)]
    assert both.facts == {"a": 1, "b": 3}
    assert (both.tags, both.notes, both.added_at) == (("t",), "mine", owned.added_at)


def test_a_known_licence_is_not_replaced() -> None:
    restricted = Licence(None, "gemma", "open with restrictions")
    owned = new_model(NewModel("m", (FILE,), restricted), FILE.digest.hex, "m")
    assert merged(owned, NewModel("m", (FILE,), APACHE)).licence == restricted


def test_another_revision_is_another_sighting() -> None:
    owned = new_model(NewModel("m", (FILE,)), FILE.digest.hex, "m")
    seen = tuple(Sighting("hf:a/b", None, revision, THEN) for revision in ("1", "2", "1"))
    assert len(seen_also(owned, seen).sightings) == 2


def test_names_are_made_unlike_those_taken() -> None:
    assert unique_name("m", set()) == "m"
    assert unique_name("m", {"m"}) == "m-2"
    assert unique_name("m", {"m", "m-2", "m-3"}) == "m-4"
