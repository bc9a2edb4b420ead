from __future__ import annotations

from typing import Any

import pytest

from freehold.engine.reply import Delta, Finished, Piece, Usage
from freehold.engine.stop_words import StopWords

COUNTS = Usage(7, 0, 3, 0.0, 0.0)


def read(pieces: list[Piece], *words: str) -> list[Piece]:
    watch = StopWords(lambda event: event["pieces"], words, lambda event: COUNTS)
    found: list[Piece] = []
    for piece in pieces:
        event: dict[str, Any] = {"pieces": [piece]}
        found += watch(event)
        if found and isinstance(found[-1], Finished):
            break
    return found


def text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Delta))


@pytest.mark.parametrize("parts", [["one END two"], ["one E", "N", "D two"], list("one END two")])
def test_an_answer_ends_at_the_word_however_it_arrives(parts: list[str]) -> None:
    found = read([Delta(part) for part in parts], "END", "zzz")
    assert text(found) == "one "
    assert found[-1] == Finished("stop", COUNTS, "END")


def test_the_first_of_several_words_wins() -> None:
    found = read([Delta("a b c")], "c", "b")
    assert (text(found), found[-1]) == ("a ", Finished("stop", COUNTS, "b"))


def test_what_only_looked_like_a_word_is_said_after_all() -> None:
    end = Finished("length", COUNTS)
    found = read([Delta("one EN"), Delta("OUGH"), Delta(" E"), end], "END")
    assert (text(found), found[-1]) == ("one ENOUGH E", end)


def test_words_in_thoughts_do_not_count() -> None:
    found = read([Delta("END", reasoning=True), Delta("one"), Finished("stop", COUNTS)], "END")
    assert text(found) == "ENDone"
