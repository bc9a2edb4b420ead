"""What tests of other rooms count on, beyond the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.engine.fake import FakeEngine
from freehold.engine.interface import ChatRequest, Delta, LoadPlan, Message, Sampling, TextRequest
from freehold.errors import WorkerDied

HELLO = ChatRequest((Message("user", "hello"),))


def test_it_echoes(stub: Path) -> None:
    with FakeEngine().load(LoadPlan(stub, 256)) as model:
        pieces = [piece for piece in model.chat(HELLO) if isinstance(piece, Delta)]
        assert "".join(piece.text for piece in pieces) == "You said: hello"


def test_it_can_be_told_what_to_say_and_how_to_fail(stub: Path) -> None:
    def reply(request: ChatRequest | TextRequest) -> str:
        if request.sampling.seed == 1:
            raise WorkerDied("The engine's process ended: it was killed.")
        return "scripted"

    with FakeEngine(reply=reply).load(LoadPlan(stub, 256)) as model:
        answer = list(model.chat(HELLO))
        assert "".join(piece.text for piece in answer if isinstance(piece, Delta)) == "scripted"
        with pytest.raises(WorkerDied):
            list(model.complete(TextRequest("x", Sampling(seed=1))))
