"""A few threads that share pieces of work. The one who asks works too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor


class Crew:
    """`threads` workers in all, started when first needed. A context manager.

    How many are worth having is for the caller to say: the cores that are really ours.
    """

    def __init__(self, threads: int = 1) -> None:
        self.threads = max(1, threads)
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def each(self, work: Callable[[int], None], pieces: Sequence[int]) -> None:
        """Do all pieces, in any order; an error of one is raised when all others have ended."""
        if self.threads == 1 or len(pieces) == 1:
            for piece in pieces:
                work(piece)
            return
        left = iter(pieces)  # one step of it is one instruction, under Python's lock

        def until_none_is_left() -> None:
            for piece in left:
                work(piece)

        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads - 1, "freehold-blocks")
        wanted = min(self.threads, len(pieces)) - 1
        others = [self._pool.submit(until_none_is_left) for _ in range(wanted)]
        try:
            until_none_is_left()
        finally:
            for other in others:
                other.result()

    def close(self) -> None:
        """Let the threads go. The crew can be used again, and starts new ones then."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None


ALONE = Crew(1)
"""One thread: nothing to start, nothing to close."""
