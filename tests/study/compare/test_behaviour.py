"""Two models asked the same: answers side by side."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.studying import Make

from freehold.engine.fake import FakeEngine
from freehold.engine.interface import ChatRequest, LoadPlan, TextRequest
from freehold.study.compare.behaviour import PROMPTS, compare_behaviour
from freehold.study.subject import Subject

TEMPLATE = {"tokenizer.chat_template": "{{ messages }}"}


def subject(path: Path, answers: dict[str, str]) -> Subject:
    def reply(request: ChatRequest | TextRequest) -> str:
        if isinstance(request, ChatRequest):
            return answers.get(request.messages[-1].content, "Yes.")
        return "continued"

    engine = FakeEngine(reply)
    return Subject(path.stem, path, lambda context: engine.load(LoadPlan(path, context)))


def test_answers_stand_side_by_side(make: Make) -> None:
    path = make(TEMPLATE)
    first = subject(path, {"a": "Nine rivers", "b": "Same"})
    second = subject(path, {"a": "Nine lakes", "b": "Same"})
    found = compare_behaviour(first, second, ("a", "b"), tokens=40)
    assert found.chat
    assert [(pair.first.text, pair.second.text) for pair in found.pairs] == [
        ("Nine rivers", "Nine lakes"),
        ("Same", "Same"),
    ]
    assert [pair.same for pair in found.pairs] == [False, True]
    assert found.pairs[0].common == len("Nine ")
    assert found.same == 1


def test_without_a_template_both_continue_the_text(make: Make) -> None:
    ask = partial(compare_behaviour, prompts=("a",))
    found = ask(subject(make(TEMPLATE), {}), subject(make(name="plain.gguf"), {}))
    assert not found.chat
    assert found.pairs[0].first.text == "continued"


def test_an_answer_is_cut_where_it_was_said_to_be(make: Make) -> None:
    path = make(TEMPLATE)
    long = subject(path, {"a": "x" * 100})
    (pair,) = compare_behaviour(long, long, ("a",), tokens=10).pairs
    assert pair.first.text == "x" * 10
    assert pair.first.tokens == 10
    assert not pair.first.ended


def test_the_prompts_are_eight_different_ones() -> None:
    assert len(set(PROMPTS)) == 8
