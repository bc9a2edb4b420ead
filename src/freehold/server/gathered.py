"""A whole answer, gathered from its pieces."""

from __future__ import annotations

from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass, field

from freehold.engine.reply import Finished, Piece, TokenChance, ToolCallDelta
from freehold.engine.request import ToolCall
from freehold.errors import EngineError


@dataclass
class Gathered:
    """What was said, thought and called so far."""

    text: str = ""
    reasoning: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    chances: list[TokenChance] = field(default_factory=list)
    finished: Finished | None = None

    def add(self, piece: Piece) -> None:
        """One more piece."""
        if isinstance(piece, Finished):
            self.finished = piece
        elif isinstance(piece, ToolCallDelta):
            self._add_call(piece)
        elif piece.reasoning:
            self.reasoning += piece.text
        else:
            self.text += piece.text
            self.chances += piece.chances

    @property
    def end(self) -> Finished:
        """The end of the answer. Raises EngineError when there was none."""
        if self.finished is None:
            raise EngineError("The answer broke off.")
        return self.finished

    def _add_call(self, piece: ToolCallDelta) -> None:
        if piece.index >= len(self.calls):
            self.calls.append(ToolCall(piece.id or f"call_{piece.index}", piece.name or "", ""))
        call = self.calls[piece.index]
        name = call.name or piece.name or ""
        self.calls[piece.index] = ToolCall(call.id, name, call.arguments + piece.arguments)


async def gather(answer: AsyncIterable[Sequence[Piece]]) -> Gathered:
    """Wait for the whole of an answer."""
    gathered = Gathered()
    async for pieces in answer:
        for piece in pieces:
            gathered.add(piece)
    return gathered
