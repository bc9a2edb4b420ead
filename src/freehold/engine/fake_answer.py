"""The fake engine's answers: pieces that are there already, with a pause before each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Self

from freehold.engine.interface import Finished, Piece


class FakeAnswer:
    """See `interface.Answer`."""

    def __init__(self, ended: Callable[[], None], pieces: Iterator[Piece], pause: float) -> None:
        self.pause = pause
        """Seconds before each piece."""
        self._ended = ended
        self._pieces = pieces
        self._closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Piece:
        if self._closed:
            raise StopIteration
        time.sleep(self.pause)
        try:
            piece = next(self._pieces)
        except BaseException:
            self.close()
            raise
        if isinstance(piece, Finished):
            self.close()
        return piece

    def close(self) -> None:
        """Say no more."""
        if not self._closed:
            self._closed = True
            self._ended()
