"""llama.cpp in its worker: what the contract does not say, on the two real models."""

from __future__ import annotations

import http.client
import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from freehold.engine.interface import (
    ChatRequest,
    Delta,
    Finished,
    LoadPlan,
    Message,
    Sampling,
    TextRequest,
)
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.llama_model import LlamaCppModel
from freehold.engine.load_plan import Speculation, SpeculationKind
from freehold.errors import EngineError, ModelRefused

HELLO = (Message("user", "Hello!"),)


@pytest.fixture
def model(smollm2: Path) -> Iterator[LlamaCppModel]:
    with LlamaCppEngine().load(LoadPlan(smollm2, 512, threads=1)) as loaded:
        yield loaded


def say(model: LlamaCppModel, *turns: Message, **sampling: object) -> str:
    answer = model.chat(ChatRequest(turns, Sampling(**sampling)))  # type: ignore[arg-type] # passed on
    return "".join(piece.text for piece in answer if isinstance(piece, Delta))


def test_a_seed_gives_the_same_answer_in_a_fresh_process(smollm2: Path) -> None:
    answers = set()
    for _ in range(2):
        with LlamaCppEngine().load(LoadPlan(smollm2, 512, threads=2)) as model:
            answers.add(say(model, *HELLO, seed=11, temperature=1.0, max_tokens=30))
    assert len(answers) == 1


def test_the_history_is_heard(model: LlamaCppModel) -> None:
    said = say(
        model,
        Message("user", "My name is Ada."),
        Message("assistant", "Nice to meet you, Ada."),
        Message("user", "What is my name? Answer with the name only."),
        temperature=0.0,
        max_tokens=12,
    )
    assert "Ada" in said


def test_the_facts_of_the_chat_model(model: LlamaCppModel) -> None:
    assert model.facts.vocabulary == 49152
    assert model.facts.parameters == 134_515_008
    assert model.facts.chat_template is not None
    assert "SmolLM" in model.facts.chat_template
    assert 0 < model.facts.load_seconds < 600
    assert model.peak_memory() > 100_000_000  # it holds a file of 98 MB


def test_special_marks_are_single_tokens_only_when_asked_for(model: LlamaCppModel) -> None:
    assert len(model.tokenize("<|im_start|>", special=True)) == 1
    assert len(model.tokenize("<|im_start|>")) > 1


def test_a_prompt_begins_with_a_mark_where_the_model_wants_one(
    model: LlamaCppModel, gemma3: Path
) -> None:
    assert model.tokenize("a", begin=True) == model.tokenize("a")
    with LlamaCppEngine().load(LoadPlan(gemma3, 16, threads=1)) as gemma:
        assert gemma.tokenize("a", begin=True) == [2, *gemma.tokenize("a")]


def test_a_model_without_a_chat_template_says_so_and_continues_texts(gemma3: Path) -> None:
    with LlamaCppEngine().load(LoadPlan(gemma3, 256, threads=1)) as model:
        assert model.facts.chat_template is None
        assert model.facts.vocabulary == 262_144
        assert model.detokenize(model.tokenize("naïve 🦜 日本語")) == "naïve 🦜 日本語"
        request = TextRequest("The capital of France is", Sampling(temperature=0.0, max_tokens=6))
        *deltas, end = model.complete(request)
        assert "".join(piece.text for piece in deltas if isinstance(piece, Delta)).strip()
        assert isinstance(end, Finished)
        assert end.usage.answer_tokens == 6


def test_a_chat_template_of_ones_own(smollm2: Path) -> None:
    template = (
        "{% for message in messages %}[{{ message.role }}] {{ message.content }}\n{% endfor %}"
    )
    plan = LoadPlan(smollm2, 256, threads=1, chat_template=template)
    with LlamaCppEngine().load(plan) as model:
        assert model.render((Message("user", "Hello!"),)) == "[user] Hello!\n"
        assert model.facts.chat_template == template


def test_a_broken_chat_template_is_refused_as_that(smollm2: Path) -> None:
    with pytest.raises(ModelRefused, match="chat template cannot be read") as caught:
        LlamaCppEngine().load(LoadPlan(smollm2, 256, chat_template="{% if %}"))
    assert "template" in str(caught.value.hint)


def test_a_file_cut_short_is_refused_with_the_reason(smollm2: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.gguf"
    with smollm2.open("rb") as file:
        short.write_bytes(file.read(3_000_000))
    with pytest.raises(ModelRefused, match=r"not within the file bounds") as caught:
        LlamaCppEngine().load(LoadPlan(short, 256))
    assert "verify" in str(caught.value.hint)


def test_an_architecture_it_does_not_know_is_named(smollm2: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.gguf"
    content = smollm2.read_bytes()
    changed.write_bytes(
        content.replace(b"\x05" + bytes(7) + b"llama", b"\x05" + bytes(7) + b"blama", 1)
    )
    with pytest.raises(ModelRefused, match="'blama'") as caught:
        LlamaCppEngine().load(LoadPlan(changed, 256))
    assert "upgrade" in str(caught.value.hint)


def test_warm_and_copied_into_memory(smollm2: Path) -> None:
    plan = LoadPlan(smollm2, 256, threads=1, batch_threads=2, warm_up=True, memory_map=False)
    with LlamaCppEngine().load(plan) as model:
        assert say(model, *HELLO, max_tokens=3)


@pytest.mark.parametrize(
    "speculation",
    [
        Speculation(SpeculationKind.MAP, 4, 8),
        Speculation(SpeculationKind.MAP_FOUR, 4, 8, hits=1),
        Speculation(SpeculationKind.CACHE),
    ],
    ids=lambda speculation: speculation.kind.value,
)
def test_every_kind_of_speculation_guesses_and_says_what_would_be_said_without(
    smollm2: Path, model: LlamaCppModel, speculation: Speculation
) -> None:
    story = "The red apple is on the old table. The blue bird is in the green tree. " * 3
    request = TextRequest(story, Sampling(temperature=0.0, seed=1, max_tokens=30))
    plain = "".join(piece.text for piece in model.complete(request) if isinstance(piece, Delta))
    with LlamaCppEngine().load(LoadPlan(smollm2, 512, threads=1, speculation=speculation)) as other:
        *deltas, end = other.complete(request)
    assert "".join(piece.text for piece in deltas if isinstance(piece, Delta)) == plain
    assert isinstance(end, Finished)
    assert end.usage.accepted_tokens > 0


def test_a_schema_is_kept_while_guessing(smollm2: Path) -> None:
    speculation = Speculation(SpeculationKind.SIMPLE, 2, 4)
    schema = json.dumps({"type": "array", "items": {"enum": ["red"]}, "minItems": 9, "maxItems": 9})
    with LlamaCppEngine().load(LoadPlan(smollm2, 512, threads=1, speculation=speculation)) as model:
        assert json.loads(say(model, *HELLO, schema=schema, seed=1)) == ["red"] * 9


def test_hanging_up_stops_the_work(smollm2: Path) -> None:
    row = {"type": "array", "items": {"type": "integer"}, "minItems": 40}
    endless = json.dumps({"type": "array", "items": row, "minItems": 40})
    with LlamaCppEngine().load(LoadPlan(smollm2, 8192, threads=1)) as model:
        answer = model.chat(ChatRequest(HELLO, Sampling(schema=endless)))
        next(answer)
        answer.close()
        assert say(model, *HELLO, max_tokens=2)  # with one slot, this waits for the other to end
        assert psutil.Process(model.pid).cpu_times().user < 30


def test_hanging_up_from_another_thread_while_the_prompt_is_read(smollm2: Path) -> None:
    with LlamaCppEngine().load(LoadPlan(smollm2, 8192, threads=1)) as model:
        answer = model.chat(ChatRequest((Message("user", "word " * 7500),), Sampling()))
        hanging_up = threading.Timer(0.2, answer.close)
        hanging_up.start()
        assert list(answer) == []
        hanging_up.join()
        assert say(model, *HELLO, max_tokens=2)
        assert psutil.Process(model.pid).cpu_times().user < 15


def test_ctrl_c_while_waiting_closes_the_answer_and_not_the_model(model: LlamaCppModel) -> None:
    answer = model.chat(ChatRequest((Message("user", "word " * 400),), Sampling()))
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        list(answer)
    timer.join()
    assert list(answer) == []
    assert say(model, *HELLO, max_tokens=2)


def test_over_tcp_only_whoever_has_the_key_is_answered(smollm2: Path) -> None:
    with LlamaCppEngine(unix_socket=False).load(LoadPlan(smollm2, 256, threads=1)) as model:
        assert say(model, *HELLO, max_tokens=3)
        assert model.ready.key
        place = model.ready.address.removeprefix("http://")
        connection = http.client.HTTPConnection(place)
        connection.request("POST", "/completion", b'{"prompt": "hi"}')
        response = connection.getresponse()
        assert response.status == 401
        response.read()
        connection.close()
        listening = psutil.Process(model.pid).net_connections(kind="inet")
        assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}


def test_a_closed_model_has_no_worker_to_ask(smollm2: Path) -> None:
    model = LlamaCppEngine().load(LoadPlan(smollm2, 256))
    answer = model.chat(ChatRequest(HELLO, Sampling()))
    model.close()
    for ask in (lambda: list(answer), model.peak_memory, lambda: model.tokenize("hi")):
        with pytest.raises(EngineError, match="closed"):
            ask()
