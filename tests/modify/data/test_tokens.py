"""Only answers are learned, written exactly as the model's own template writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from freehold.actions.open_subject import open_subject
from freehold.engine.interface import Message
from freehold.errors import ContextExceeded
from freehold.modify.data.sample import Sample, Turn
from freehold.modify.data.tokens import cut
from freehold.store.libraries import Libraries
from freehold.study.subject import Subject

TALK = (
    Turn("system", "Be brief."),
    Turn("user", "Why?"),
    Turn("assistant", "Because."),
    Turn("user", "And then?"),
    Turn("assistant", "That is all."),
)


@pytest.fixture(scope="module")
def smollm(smollm2: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    with open_subject(Libraries(tmp_path_factory.mktemp("none")), str(smollm2)) as subject:
        yield subject


def test_answers_and_their_ends_are_learned_and_nothing_else(smollm: Subject) -> None:
    (example,) = cut([Sample("here", TALK)], smollm, 512).examples
    learned = [id_ for id_, learn in zip(example.ids, example.learned, strict=True) if learn]
    assert smollm.text(learned) == "Because.<|im_end|>That is all.<|im_end|>"
    rendered = smollm.render([Message(turn.role, turn.content) for turn in TALK[:-1]])
    assert smollm.text(example.ids) == rendered + "That is all.<|im_end|>"
    assert list(example.ids)[:-5] == smollm.tokenize(rendered, special=True)[: len(example.ids) - 5]


def test_a_text_is_learned_whole_in_pieces(smollm: Subject) -> None:
    found = cut([Sample("here", text="All happy families are alike. " * 20)], smollm, 32).examples
    assert all(2 <= len(example.ids) <= 32 for example in found)
    assert sum(len(example.ids) for example in found) > 100
    assert all(example.learned[1:] == (True,) * (len(example.ids) - 1) for example in found)


def test_what_is_too_long_is_named_or_left_out(smollm: Subject) -> None:
    samples = [Sample("x.jsonl, line 7", TALK), Sample("line 8", TALK[1:3])]
    with pytest.raises(ContextExceeded, match=r"x\.jsonl, line 7 comes to .* 20 are allowed"):
        cut(samples, smollm, 20)
    longer, shorter = (len(example.ids) for example in cut(samples, smollm, 512).examples)
    found = cut(samples, smollm, longer - 1, skip_long=True)
    assert [len(example.ids) for example in found.examples] == [shorter]
    assert found.too_long == 1
