"""Tools for a model whose chat template has no words for them: told in plain words, called in JSON.

llama.cpp leaves the tools of such a request out without a word. Here they become a part of the
system prompt; a call is a JSON object in place of an answer, and one that must be made is held to
its schema. It doesn't know whether the model is clever enough to choose well.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from freehold.engine.reply import Delta, Finished, Piece, ToolCallDelta
from freehold.engine.request import ChatRequest, Message, Tool, Tools
from freehold.errors import UsageError

_BEGINNINGS = ('{"tool":', '```{"tool":', '```json{"tool":')
"""How a call begins, without white space."""
_FENCE = re.compile(r"^```(?:json)?")
_SPACE = re.compile(r"\s+")


def in_plain_words(request: ChatRequest) -> ChatRequest:
    """The same request with its tools, its calls and their results written out as text."""
    tools = request.tools
    turns = [_plain(turn, request.messages) for turn in request.messages]
    if tools is None or not tools.usable:
        return replace(request, messages=tuple(turns), tools=None)
    described = _described(tools)
    if turns and turns[0].role == "system":
        turns[0] = replace(turns[0], content=f"{turns[0].content}\n\n{described}")
    else:
        turns.insert(0, Message("system", described))
    sampling = request.sampling
    if tools.choice == "required":
        if sampling.schema is not None:
            raise UsageError("An answer cannot be held to a schema and be a call of a tool.")
        sampling = replace(sampling, schema=json.dumps(_call_schema(tools)))
    return replace(request, messages=tuple(turns), tools=None, sampling=sampling)


class PlainCalls:
    """Tells calls from answers in what a model says that was asked in plain words."""

    def __init__(self, tools: Tools) -> None:
        self._names = {tool.name for tool in tools.usable}
        self._most = None if tools.parallel else 1
        self._held: list[Delta] = []
        self._text = ""
        self._answering = not self._names

    def __call__(self, pieces: Iterable[Piece]) -> list[Piece]:
        """The pieces to pass on. What may become a call is held back until it is one or not."""
        passed: list[Piece] = []
        for piece in pieces:
            if isinstance(piece, Finished):
                passed += self._end(piece)
            elif self._answering or not isinstance(piece, Delta) or piece.reasoning:
                passed.append(piece)
            else:
                self._held.append(piece)
                self._text += piece.text
                if not _may_be_a_call(self._text):
                    passed += self._held
                    self._held, self._answering = [], True
        return passed

    def _end(self, end: Finished) -> list[Piece]:
        calls = self._calls() if self._held else []
        if not calls:
            return [*self._held, end]
        return [
            *(
                ToolCallDelta(index, json.dumps(given), f"call_{os.urandom(12).hex()}", name)
                for index, (name, given) in enumerate(calls)
            ),
            replace(end, reason="tool_calls"),
        ]

    def _calls(self) -> list[tuple[str, Any]]:
        rest = _FENCE.sub("", self._text.strip()).removesuffix("```").strip()
        calls: list[tuple[str, Any]] = []
        while rest.startswith("{"):
            try:
                said, length = json.JSONDecoder().raw_decode(rest)
            except ValueError:  # it broke off, or was none
                return []
            if said.get("tool") not in self._names or not isinstance(said.get("arguments"), dict):
                return []
            calls.append((said["tool"], said["arguments"]))
            rest = rest[length:].lstrip(" \t\r\n,")
        return calls[: self._most]


def _may_be_a_call(text: str) -> bool:
    begun = _SPACE.sub("", text)
    return any(each.startswith(begun) or begun.startswith(each) for each in _BEGINNINGS)


def _described(tools: Tools) -> str:
    usage = (
        "You can use these tools. To use one, answer with nothing but a JSON object such as the "
        'next line; otherwise answer in words.\n{"tool": "NAME", "arguments": {}}'
    )
    return "\n".join([usage, "The tools:", *map(_line, tools.usable)])


def _line(tool: Tool) -> str:
    described = {
        "tool": tool.name,
        "description": tool.description,
        "arguments": json.loads(tool.parameters),
    }
    return json.dumps(described, ensure_ascii=False)


def _call_schema(tools: Tools) -> dict[str, Any]:
    """An object that calls one of the tools. Definitions move to the top, where `$ref` looks."""
    defined: dict[str, dict[str, Any]] = {}
    calls = []
    for tool in tools.usable:
        arguments = json.loads(tool.parameters)
        if isinstance(arguments, dict):
            for home in ("$defs", "definitions"):
                if isinstance(moved := arguments.pop(home, None), dict):
                    defined.setdefault(home, {}).update(moved)
        calls.append(
            {
                "type": "object",
                "properties": {"tool": {"const": tool.name}, "arguments": arguments},
                "required": ["tool", "arguments"],
                "additionalProperties": False,
            }
        )
    return (calls[0] if len(calls) == 1 else {"anyOf": calls}) | defined


def _plain(turn: Message, turns: tuple[Message, ...]) -> Message:
    if turn.role == "tool":
        names = {call.id: call.name for each in turns for call in each.tool_calls}
        name = names.get(turn.answers_call or "", "the tool")
        return Message("user", f"What {name} answered:\n{turn.content}", turn.images)
    if turn.tool_calls:
        said = [
            f'{{"tool": {json.dumps(call.name)}, "arguments": {call.arguments}}}'
            for call in turn.tool_calls
        ]
        content = "\n".join([turn.content, *said] if turn.content else said)
        return replace(turn, content=content, tool_calls=())
    return turn
