"""What every engine keeps to in an event loop, and what protocols need of it: tools, chances,
vectors. The fake one and llama.cpp pass the same tests.
"""

from __future__ import annotations

import asyncio
import json
import math
import struct
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from freehold.engine.fake import FakeEngine
from freehold.engine.interface import (
    AsyncAnswer,
    AsyncModel,
    ChatRequest,
    Delta,
    EmbedRequest,
    Engine,
    Finished,
    LoadPlan,
    Message,
    Model,
    Piece,
    Place,
    RerankRequest,
    Sampling,
    TextRequest,
    Tool,
    ToolCallDelta,
    Tools,
)
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.request import ToolCall
from freehold.errors import ContextExceeded, EngineError, UsageError

T = TypeVar("T")
PLACES = json.dumps(
    {
        "type": "object",
        "properties": {"city": {"$ref": "#/$defs/City"}},
        "required": ["city"],
        "$defs": {"City": {"type": "string", "maxLength": 8}},
    }
)
WEATHER = Tool("weather", "The weather in a city", PLACES)
CLOCK = Tool("clock", "The time", '{"type": "object", "properties": {}}')


@pytest.fixture(scope="module", params=["fake", "llama.cpp"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return FakeEngine() if request.param == "fake" else LlamaCppEngine()


@pytest.fixture(scope="module")
def weights(
    engine: Engine, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    if engine.name == "fake":
        path = tmp_path_factory.mktemp("model") / "stub.gguf"
        path.write_bytes(b"GGUF" + bytes(100))
        return path
    found: Path = request.getfixturevalue("smollm2")
    return found


@pytest.fixture(scope="module")
def model(engine: Engine, weights: Path) -> Iterator[Model]:
    with engine.load(LoadPlan(weights, 768, threads=1, parallel=2)) as loaded:
        yield loaded


def user(text: str, tools: Tools | None = None, **sampling: object) -> ChatRequest:
    return ChatRequest((Message("user", text),), Sampling(**sampling), tools)  # type: ignore[arg-type] # passed on


async def read(answer: AsyncAnswer) -> list[Piece]:
    return [piece async for pieces in answer for piece in pieces]


def run(live: AsyncModel, work: Coroutine[Any, Any, T]) -> T:
    """In an event loop of its own, to the end of which nothing is held."""

    async def whole() -> T:
        try:
            return await work
        finally:
            live.close()
            await asyncio.sleep(0)

    return asyncio.run(whole())


def answered(model: Model, request: ChatRequest | TextRequest) -> list[Piece]:
    live = model.asynchronous()
    if isinstance(request, TextRequest):
        return run(live, read(live.complete(request)))
    return run(live, read(live.chat(request)))


def said(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Delta))


def called(pieces: list[Piece]) -> list[tuple[str, object]]:
    calls: dict[int, list[str]] = {}
    for piece in pieces:
        if isinstance(piece, ToolCallDelta):
            call = calls.setdefault(piece.index, ["", ""])
            call[0] += piece.name or ""
            call[1] += piece.arguments
    return [(name, json.loads(arguments)) for name, arguments in calls.values()]


def test_the_same_answer_as_to_one_who_waits(model: Model) -> None:
    request = user("Tell me about the sea.", seed=1, max_tokens=16)
    pieces = answered(model, request)
    assert said(pieces) == said(list(model.chat(request)))
    end = pieces[-1]
    assert isinstance(end, Finished)
    assert end.usage.answer_tokens <= 16
    text = TextRequest("Once upon a time", Sampling(seed=1, max_tokens=8))
    pieces = answered(model, text)
    assert said(pieces) == said(list(model.complete(text)))


def test_errors_are_the_same_too(model: Model) -> None:
    live = model.asynchronous()
    with pytest.raises(ContextExceeded) as caught:
        run(live, read(live.chat(user("word " * 2000))))
    assert caught.value.context_tokens == 768
    with pytest.raises(EngineError, match="resolve"):
        run(live, read(live.chat(user("hi", schema='{"$ref": "#/nowhere"}', max_tokens=9))))
    with pytest.raises(UsageError, match="schema"):
        run(live, read(live.chat(user("hi", schema="["))))


def test_closing_and_cancelling_end_it(model: Model) -> None:
    live = model.asynchronous()

    async def scene() -> None:
        answer = live.chat(user("Write a very long story about a long road. " * 5))
        assert await anext(answer)
        answer.close()
        answer.close()
        assert await read(answer) == []
        unasked = live.chat(user("hi"))
        unasked.close()
        assert await read(unasked) == []
        waiting = asyncio.create_task(read(live.chat(user("Write a long story. " * 9))))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert said(await read(live.chat(user("hi", max_tokens=3))))

    run(live, scene())


def test_two_at_once_each_in_its_place(model: Model) -> None:
    live = model.asynchronous()

    async def scene() -> None:
        for expected in (0, None):
            pieces = await asyncio.gather(
                *(
                    read(
                        live.chat(
                            ChatRequest(
                                (Message("user", f"My word is {word}. " * 8),),
                                Sampling(max_tokens=4),
                                place=Place(slot),
                            )
                        )
                    )
                    for slot, word in enumerate(("apple", "candle"))
                )
            )
            ends = [each[-1] for each in pieces]
            for end in ends:
                assert isinstance(end, Finished)
                if expected is None:  # each finds its own prompt where it was
                    assert end.usage.cached_tokens == end.usage.prompt_tokens - 1

    run(live, scene())
    anew = ChatRequest(
        (Message("user", "My word is apple. " * 8),),
        Sampling(max_tokens=1),
        place=Place(0, reuse=False),
    )
    end = run(live, read(live.chat(anew)))[-1]
    assert isinstance(end, Finished)
    assert end.usage.cached_tokens == 0


def test_a_tool_that_must_be_called_is(model: Model) -> None:
    tools = Tools((WEATHER, CLOCK), "required", only="weather")
    request = user("What is the weather in Rome?", tools, temperature=0.0, max_tokens=60)
    for pieces in (
        answered(model, request),
        list(model.chat(request)),
    ):
        ((name, arguments),) = called(pieces)
        assert name == "weather"
        assert isinstance(arguments, dict)
        assert len(arguments["city"]) <= 8
        end = pieces[-1]
        assert isinstance(end, Finished)
        assert end.reason == "tool_calls"
        assert next(p.id for p in pieces if isinstance(p, ToolCallDelta))


def test_one_of_several_tools_is_called(model: Model) -> None:
    tools = Tools((WEATHER, CLOCK), "required")
    request = user("What time is it?", tools, temperature=0.0, max_tokens=60)
    calls = called(answered(model, request))
    assert {name for name, _ in calls} <= {"weather", "clock"}
    assert calls


def test_with_tools_that_may_not_be_called_it_answers(model: Model) -> None:
    request = user("weather?", Tools((WEATHER,), "none"), max_tokens=8)
    pieces = answered(model, request)
    assert said(pieces)
    assert called(pieces) == []


def test_results_of_tools_are_read(model: Model) -> None:
    live = model.asynchronous()
    call = ToolCall("c1", "weather", '{"city": "Rome"}')
    turns = (
        Message("user", "How is it in Rome?"),
        Message("assistant", "", tool_calls=(call,)),
        Message("tool", "Quite sunny", answers_call="c1"),
    )
    request = ChatRequest(turns, Sampling(max_tokens=8), Tools((WEATHER,)))
    written = run(live, live.render(request))
    assert "Quite sunny" in written
    assert "weather" in written
    assert said(run(live, read(live.chat(request))))


def test_chances_of_tokens_and_of_others(model: Model) -> None:
    request = user("Say a word.", alternatives=3, max_tokens=5, temperature=0.0)
    pieces = answered(model, request)
    chances = [each for piece in pieces if isinstance(piece, Delta) for each in piece.chances]
    assert b"".join(each.chosen.bytes for each in chances).decode() == said(pieces)
    for each in chances:
        assert len(each.others) == 3
        assert each.others[0].logprob >= each.others[1].logprob
        assert each.chosen.logprob <= 0
        assert each.chosen == each.others[0]  # at temperature 0
    text = TextRequest("Once upon", Sampling(alternatives=2, max_tokens=3))
    pieces = answered(model, text)
    assert any(piece.chances for piece in pieces if isinstance(piece, Delta))
    plain = answered(model, user("hi", max_tokens=2))
    assert not any(piece.chances for piece in plain if isinstance(piece, Delta))


def test_tokens(model: Model) -> None:
    live = model.asynchronous()
    ids = run(live, live.tokenize("naïve 🦜"))
    assert ids == model.tokenize("naïve 🦜")
    assert run(live, live.detokenize(ids)) == "naïve 🦜"
    from_ids = TextRequest(tuple(ids), Sampling(max_tokens=2, seed=1))
    end = run(live, read(live.complete(from_ids)))[-1]
    assert isinstance(end, Finished)
    assert end.usage.prompt_tokens == len(ids)


def test_vectors(engine: Engine, weights: Path) -> None:
    plan = LoadPlan(weights, 256, threads=1, purpose="embed", pooling="mean", micro_batch=256)
    with engine.load(plan) as loaded:
        live = loaded.asynchronous()
        found = run(live, live.embed(EmbedRequest(("a cat", "a cat", "taxes"))))
        ids, last = tuple(loaded.tokenize("a cat")), len(loaded.tokenize("taxes"))
        by_ids = run(live, live.embed(EmbedRequest((ids,))))
    vectors = [struct.unpack(f"<{len(each) // 4}f", each) for each in found.vectors]
    assert math.hypot(*vectors[0]) == pytest.approx(1, abs=1e-3)
    assert vectors[0] == pytest.approx(vectors[1], abs=1e-3)
    assert vectors[0] != pytest.approx(vectors[2], abs=1e-3)
    assert found.tokens == 2 * len(ids) + last
    assert len(by_ids.vectors) == 1


def test_scores(engine: Engine, weights: Path) -> None:
    with engine.load(
        LoadPlan(weights, 256, threads=1, purpose="rerank", micro_batch=256)
    ) as loaded:
        request = RerankRequest("a cat", ("a dog", "a cat sat"))
        found = asyncio.run(loaded.asynchronous().rerank(request))
    assert len(found.scores) == 2  # of what worth, only a model made for it can say
    assert found.tokens > 0


def test_a_model_that_was_loaded_to_answer_makes_no_vectors(model: Model) -> None:
    with pytest.raises(EngineError):
        asyncio.run(model.asynchronous().embed(EmbedRequest(("a",))))


def test_a_model_knows_whether_it_is_alive_and_what_it_holds(engine: Engine, weights: Path) -> None:
    loaded = engine.load(LoadPlan(weights, 256, threads=1))
    assert loaded.alive()
    held = loaded.memory()
    assert 0 < held.own <= held.resident
    live = loaded.asynchronous()
    loaded.close()
    assert not loaded.alive()
    with pytest.raises(EngineError, match="closed"):
        run(live, read(live.chat(user("hi"))))
