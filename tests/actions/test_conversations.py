"""States on disk: found by what was said and by whom, whole or not at all, within their room."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from freehold.actions.conversations import Conversations, chain

ME = ("key-1", "model", "engine 1")
TALK = ("system", "hello", "hi", "more")


def kept(
    conversations: Conversations, turns: tuple[str, ...], data: bytes, who: tuple[str, ...] = ME
) -> str:
    *_, name = chain(who, turns)
    (conversations.folder / conversations.being_written(name)).write_bytes(data)
    assert conversations.keep(name, len(turns), 300)
    return name


def test_the_longest_beginning_is_found(home: Path) -> None:
    here = Conversations(home)
    kept(here, TALK[:1], b"one")
    kept(here, TALK[:3], b"three")
    found = here.find(ME, TALK, more_than=0)
    assert found is not None
    assert (found.turns, found.size) == (3, 5)
    assert here.is_whole(found)
    assert here.find(ME, TALK, more_than=3) is None


@pytest.mark.parametrize(
    "who", [("key-2", *ME[1:]), ("key-1", "other", ME[2]), (*ME[:2], "engine 2")]
)
def test_nobody_else_finds_it(home: Path, who: tuple[str, ...]) -> None:
    here = Conversations(home)
    kept(here, TALK, b"state")
    assert here.find(who, TALK, more_than=0) is None


def test_other_words_do_not_find_it(home: Path) -> None:
    here = Conversations(home)
    kept(here, TALK[:2], b"state")
    assert here.find(ME, ("system", "hello!", "hi"), more_than=0) is None
    assert here.find(ME, ("systemhello",), more_than=0) is None


def test_one_flipped_bit_and_it_is_not_used_and_gone(home: Path) -> None:
    here = Conversations(home)
    name = kept(here, TALK, bytes(1000))
    damaged = bytearray(here.path(name).read_bytes())
    damaged[500] ^= 1
    here.path(name).write_bytes(damaged)
    found = here.find(ME, TALK, more_than=0)
    assert found is not None
    assert not here.is_whole(found)
    assert here.find(ME, TALK, more_than=0) is None
    assert here.size == 0


def test_what_was_used_longest_ago_makes_room(home: Path) -> None:
    here = Conversations(home, most_bytes=30)
    first = kept(here, ("a",), bytes(10))
    second = kept(here, ("b",), bytes(10))
    os.utime(here.path(first), (1, 1))
    os.utime(here.path(second), (2, 2))
    found = here.find(ME, ("a",), more_than=0)
    assert found is not None
    assert here.is_whole(found)  # used now
    kept(here, ("c",), bytes(15))
    assert here.find(ME, ("a",), more_than=0) is not None
    assert here.find(ME, ("b",), more_than=0) is None
    assert here.size <= 30


def test_one_that_is_larger_than_all_room_is_not_kept(home: Path) -> None:
    here = Conversations(home, most_bytes=30)
    (here.folder / here.being_written("x")).write_bytes(bytes(31))
    assert here.keep("x", 1, 300) is None
    assert list(here.folder.iterdir()) == []


def test_less_room_at_the_next_start_is_kept_to(home: Path) -> None:
    kept(Conversations(home), ("a",), bytes(20))
    assert Conversations(home, most_bytes=10).size == 0


def test_what_a_kill_left_half_written_is_cleared_and_never_used(home: Path) -> None:
    here = Conversations(home)
    (here.folder / here.being_written("x")).write_bytes(b"half")
    name = kept(here, TALK, b"state")
    (here.folder / f"{name}.json").write_text('{"turns": 4, "tok')
    again = Conversations(home)
    assert not list(again.folder.glob("*.new"))
    assert again.find(ME, TALK, more_than=0) is None


def test_all_can_be_forgotten(home: Path) -> None:
    here = Conversations(home)
    kept(here, TALK, b"state")
    here.clear()
    assert list(here.folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_can_enter_the_folder(home: Path) -> None:
    assert stat.S_IMODE(Conversations(home).folder.stat().st_mode) == 0o700
