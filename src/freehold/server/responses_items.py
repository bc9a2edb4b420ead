"""An answer as the items of OpenAI's Responses API, told event by event as they grow."""

from __future__ import annotations

import json
from typing import Any

from freehold.engine.reply import Alternative, Delta, Finished, Piece, TokenChance, ToolCallDelta
from freehold.engine.request import Message, ToolCall
from freehold.server.identity import new_id

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Events:
    """Numbers the events of one stream."""

    def __init__(self) -> None:
        self._number = -1

    def __call__(self, kind: str, **content: Any) -> bytes:
        """One event."""
        self._number += 1
        data = _dumps({"type": kind, "sequence_number": self._number, **content})
        return f"event: {kind}\ndata: {data}\n\n".encode()


class Items:
    """The items so far; one is open at a time, and each kind of piece opens its own."""

    def __init__(self, event: Events) -> None:
        self.output: list[dict[str, Any]] = []
        self._event = event
        self._open: object = None

    def piece(self, piece: Piece) -> bytes:
        """The events for one piece; the end closes what is open."""
        if isinstance(piece, Finished):
            return self._close("incomplete" if piece.reason == "length" else "completed")
        if isinstance(piece, ToolCallDelta):
            return self._call(piece)
        return self._text(piece)

    def turn(self) -> Message:
        """The answer as a turn, for the next request to go on from."""
        text = thought = ""
        calls = []
        for item in self.output:
            if item["type"] == "message":
                text += item["content"][0]["text"]
            elif item["type"] == "reasoning":
                thought += item["content"][0]["text"]
            else:
                calls.append(ToolCall(item["call_id"], item["name"], item["arguments"]))
        return Message("assistant", text, tool_calls=tuple(calls), reasoning=thought)

    def _text(self, piece: Delta) -> bytes:
        kind = "reasoning" if piece.reasoning else "message"
        begun = b"" if self._open == kind else self._close() + self._begin_text(kind)
        part = self.output[-1]["content"][0]
        part["text"] += piece.text
        told: dict[str, Any] = {} if piece.reasoning else {"logprobs": _chances(piece.chances)}
        if told.get("logprobs"):
            part["logprobs"] += told["logprobs"]
        name = "reasoning_text" if piece.reasoning else "output_text"
        delta = self._event(
            f"response.{name}.delta", **self._where(), content_index=0, delta=piece.text, **told
        )
        return begun + delta

    def _begin_text(self, kind: str) -> bytes:
        self._open = kind
        if kind == "message":
            item = {"id": new_id("msg"), "type": kind, "role": "assistant", "content": []}
            part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        else:
            item = {"id": new_id("rs"), "type": kind, "summary": [], "content": []}
            part = {"type": "reasoning_text", "text": ""}
        added = self._add(item)
        self.output[-1]["content"] = [part]
        told = self._event(
            "response.content_part.added", **self._where(), content_index=0, part=dict(part)
        )
        return added + told

    def _call(self, piece: ToolCallDelta) -> bytes:
        begun = b""
        if self._open != piece.index:
            begun = self._close()
            self._open = piece.index
            item = {"id": new_id("fc"), "type": "function_call", "arguments": ""}
            begun += self._add(item | {"call_id": piece.id, "name": piece.name})
        self.output[-1]["arguments"] += piece.arguments
        if not piece.arguments:
            return begun
        name = "response.function_call_arguments.delta"
        return begun + self._event(name, **self._where(), delta=piece.arguments)

    def _add(self, item: dict[str, Any]) -> bytes:
        self.output.append(item | {"status": "in_progress"})
        at = len(self.output) - 1
        return self._event(
            "response.output_item.added", output_index=at, item=dict(self.output[-1])
        )

    def _close(self, status: str = "completed") -> bytes:
        if self._open is None:
            return b""
        self._open = None
        item = self.output[-1]
        item["status"] = status
        if item["type"] == "function_call":
            name = "response.function_call_arguments.done"
            done = self._event(
                name, **self._where(), name=item["name"], arguments=item["arguments"]
            )
        else:
            part = item["content"][0]
            told = {"logprobs": part["logprobs"]} if "logprobs" in part else {}
            done = self._event(
                f"response.{part['type']}.done",
                **self._where(),
                content_index=0,
                text=part["text"],
                **told,
            )
            done += self._event(
                "response.content_part.done", **self._where(), content_index=0, part=part
            )
        at = len(self.output) - 1
        return done + self._event("response.output_item.done", output_index=at, item=item)

    def _where(self) -> dict[str, Any]:
        return {"item_id": self.output[-1]["id"], "output_index": len(self.output) - 1}


def _chances(chances: tuple[TokenChance, ...]) -> list[dict[str, Any]]:
    return [
        _alternative(each.chosen) | {"top_logprobs": list(map(_alternative, each.others))}
        for each in chances
    ]


def _alternative(each: Alternative) -> dict[str, Any]:
    return {"token": each.token, "logprob": each.logprob, "bytes": list(each.bytes)}
