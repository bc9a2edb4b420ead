"""A model under study: text is cut by the engine, tokens are spelled by the header."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.actions.open_subject import open_subject
from freehold.engine.fake import FakeEngine
from freehold.engine.interface import Message
from freehold.errors import EngineError, NotFound
from freehold.store.libraries import Libraries
from freehold.study.subject import Subject


def test_text_is_cut_and_spelled_again(smollm: Subject) -> None:
    text = "Naïve 🦜 parrots\n"
    ids = smollm.tokenize(text)
    assert smollm.text(ids) == text
    assert smollm.show(ids[-1]) == "⏎"
    assert smollm.show(smollm.tokenize(" parrots")[0]) == "␣parrots"


def test_the_mark_that_begins_a_text_is_the_models_own(
    smollm: Subject, gemma3: Path, nothing_owned: Libraries
) -> None:
    assert smollm.tokenize("a") == smollm.tokenize("a", begin=False)  # SmolLM2 wants none
    with open_subject(nothing_owned, str(gemma3)) as gemma:
        assert gemma.tokenize("a") == [gemma.vocabulary.begin, *gemma.tokenize("a", begin=False)]


def test_marks_are_tokens_only_when_asked(smollm: Subject) -> None:
    assert smollm.tokenize("<|im_end|>", special=True) == [2]
    assert len(smollm.tokenize("<|im_end|>")) > 1


def test_a_conversation_is_written_by_the_template(smollm: Subject) -> None:
    text = smollm.render([Message("user", "Hello")])
    assert text.endswith("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n")


def test_without_a_template_there_is_no_conversation(
    gemma3: Path, nothing_owned: Libraries
) -> None:
    with (
        open_subject(nothing_owned, str(gemma3)) as gemma,
        pytest.raises(NotFound, match="no chat template"),
    ):
        gemma.render([Message("user", "Hello")])


def test_an_engine_is_started_for_text_and_ends_with_it(
    tiny: Path, nothing_owned: Libraries
) -> None:
    engine = FakeEngine()
    with open_subject(nothing_owned, str(tiny), engine) as subject:
        assert engine.loaded == []
        assert subject.header.metadata["general.name"] == "Tiny"
        assert engine.loaded == []
        subject.tokenize("a")
        subject.tokenize("b")
        (first,) = engine.loaded
        subject.rest()
        assert not first.alive()
        subject.tokenize("c")
        assert len(engine.loaded) == 2
    assert not any(model.alive() for model in engine.loaded)
    subject.close()


def test_an_engine_that_dies_is_started_again(tiny: Path, nothing_owned: Libraries) -> None:
    engine = FakeEngine()
    with open_subject(nothing_owned, str(tiny), engine) as subject:
        subject.tokenize("a")
        engine.loaded[0].close()
        assert subject.tokenize("b") == [98]


def test_a_model_that_answers_is_the_callers(tiny: Path, nothing_owned: Libraries) -> None:
    engine = FakeEngine()
    with open_subject(nothing_owned, str(tiny), engine) as subject:
        model = subject.answering(512)
        assert engine.loaded[0].plan.context == 512
        model.close()
        with pytest.raises(EngineError):
            engine.loaded[0].check_open()
