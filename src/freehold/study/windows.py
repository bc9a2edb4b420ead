"""A long text in windows, as llama.cpp's perplexity tool reads it.

Without a stride, windows of `size` tokens lie end to end, and of each the second half is scored:
so every scored token has at least half a window before it. With a stride, a window of `size` tokens
begins every `stride` tokens, and its last `stride` tokens are scored. Where the model wants a mark
before a text, each window begins with it in place of its own first token. What is left at the end
and fills no window is not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from freehold.errors import UsageError

USUAL_SIZE = 512
_SMALLEST = 8


@dataclass(frozen=True)
class Window:
    """So many tokens that are read at once."""

    start: int
    """Where its first token stands in the text."""
    ids: tuple[int, ...]
    first: int
    """The first position whose next token is scored; from there on, each but the last is."""

    @property
    def targets(self) -> tuple[int, ...]:
        """The tokens that are scored."""
        return self.ids[self.first + 1 :]


@dataclass(frozen=True)
class Reading:
    """How a text is read."""

    windows: tuple[Window, ...]
    size: int
    """Tokens of each window."""
    stride: int | None
    """Tokens from one window to the next; None where they lie end to end."""
    unread: int
    """Tokens at the end that fill no window."""

    @property
    def scored(self) -> int:
        """Tokens that are."""
        return sum(len(window.targets) for window in self.windows)


def read_in_windows(
    ids: Sequence[int],
    mark: int | None,
    *,
    size: int = USUAL_SIZE,
    stride: int | None = None,
    most: int | None = None,
) -> Reading:
    """Cut `ids` into windows: `most` of them at most.

    `mark` is put first in each; `ids` begin with it too. A text that fills no window of `size` is
    read in one of its own length. Raises UsageError for sizes that make no sense, and for a text of
    fewer than eight tokens.
    """
    size = min(size, len(ids))
    if size < _SMALLEST:
        raise UsageError(
            f"{size} tokens are too few to measure anything.",
            f"Give a text and a --window of at least {_SMALLEST} tokens.",
        )
    if stride is not None and not 0 < stride < size:
        raise UsageError(
            f"A stride of {stride:,} tokens does not fit windows of {size:,}.",
            "It must be at least 1 and less than the window.",
        )
    first = size // 2 if stride is None else size - stride - 1
    step = stride or size
    starts = range(0, len(ids) - size + 1, step)[:most]
    windows = tuple(
        Window(start, tuple(_marked(ids[start : start + size], mark)), first) for start in starts
    )
    return Reading(windows, size, stride, len(ids) - starts[-1] - size)


def _marked(ids: Sequence[int], mark: int | None) -> Sequence[int]:
    return ids if mark is None else (mark, *ids[1:])
