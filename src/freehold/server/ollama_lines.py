"""Answers as Ollama writes them: one JSON object a line, the last with the counts."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from freehold.engine.reply import Alternative, Delta, Finished, Piece, TokenChance, ToolCallDelta
from freehold.server.gathered import Gathered

_NANO = 1_000_000_000


def stamp(moment: datetime | None = None) -> str:
    """A time, now unless told, as Ollama writes it."""
    return (moment or datetime.now(UTC)).isoformat().replace("+00:00", "Z")


class Clock:
    """How long the parts of a request took."""

    def __init__(self) -> None:
        self._begun = time.monotonic_ns()
        self._ready = self._begun

    def ready(self) -> None:
        """The model is in memory."""
        self._ready = time.monotonic_ns()

    def durations(self) -> dict[str, int]:
        """Nanoseconds from the beginning until now, and until the model was there."""
        now = time.monotonic_ns()
        return {"total_duration": now - self._begun, "load_duration": self._ready - self._begun}


class AnswerLines:
    """Makes lines of pieces. Calls are told whole, as Ollama does, when the answer ends."""

    def __init__(self, model: str, clock: Clock, *, chat: bool) -> None:
        self._model = model
        self._clock = clock
        self.is_chat = chat
        self.said = Gathered()

    def piece(self, piece: Piece) -> list[dict[str, Any]]:
        """The lines for one piece; none for a part of a call."""
        self.said.add(piece)
        if isinstance(piece, Delta):
            text = {"text": "", "thinking": piece.text} if piece.reasoning else {"text": piece.text}
            return [self._line(text, piece.chances)]
        if isinstance(piece, ToolCallDelta):
            return []
        calls = [self._line({"text": "", "calls": self._calls()})] if self.said.calls else []
        return [*calls, self._end(piece)]

    def whole(self, **more: Any) -> dict[str, Any]:
        """Everything in one object."""
        told: dict[str, Any] = {"text": self.said.text}
        if self.said.reasoning:
            told["thinking"] = self.said.reasoning
        if self.said.calls:
            told["calls"] = self._calls()
        end = self._end(self.said.end)
        return self._line(told, tuple(self.said.chances)) | _without_text(end) | more

    def only(self, reason: str) -> dict[str, Any]:
        """What is said when nothing was asked."""
        return self._line({"text": ""}) | {"done": True, "done_reason": reason}

    def _line(self, told: dict[str, Any], chances: tuple[TokenChance, ...] = ()) -> dict[str, Any]:
        made: dict[str, Any] = {"model": self._model, "created_at": stamp()}
        content: dict[str, Any] = {"thinking": told["thinking"]} if "thinking" in told else {}
        if self.is_chat:
            if "calls" in told:
                content["tool_calls"] = told["calls"]
            made["message"] = {"role": "assistant", "content": told["text"]} | content
        else:
            made |= {"response": told["text"]} | content
        if chances:
            made["logprobs"] = [_chance(each) for each in chances]
        return made | {"done": False}

    def _end(self, end: Finished) -> dict[str, Any]:
        usage = end.usage
        told: dict[str, Any] = {
            "done": True,
            "done_reason": "length" if end.reason == "length" else "stop",
            **self._clock.durations(),
            "prompt_eval_count": usage.prompt_tokens,
            "prompt_eval_duration": int(usage.prompt_seconds * _NANO),
            "eval_count": usage.answer_tokens,
            "eval_duration": int(usage.answer_seconds * _NANO),
        }
        return self._line({"text": ""}) | told

    def _calls(self) -> list[dict[str, Any]]:
        return [
            {
                "id": call.id,
                "function": {
                    "index": index,
                    "name": call.name,
                    "arguments": _arguments(call.arguments),
                },
            }
            for index, call in enumerate(self.said.calls)
        ]


def _without_text(end: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in end.items() if key not in {"message", "response"}}


def _arguments(text: str) -> dict[str, Any]:
    """A call's arguments; ones that were cut off by the limit as the text that there is."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {"INVALID_JSON": text}
    return found if isinstance(found, dict) else {"INVALID_JSON": text}


def _chance(chance: TokenChance) -> dict[str, Any]:
    others = [_alternative(each) for each in chance.others]
    return _alternative(chance.chosen) | ({"top_logprobs": others} if others else {})


def _alternative(each: Alternative) -> dict[str, Any]:
    return {"token": each.token, "logprob": each.logprob, "bytes": list(each.bytes)}
