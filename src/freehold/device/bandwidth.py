"""How fast memory is read: one thread, and as many as there are cores.

The C library's search for a byte that is not there reads a block from end to end at about the
speed of memory, and Python lets other threads run meanwhile.
"""

from __future__ import annotations

import ctypes
import statistics
import sys
import threading
import time
from collections.abc import Callable

from freehold.device.calibration import Bandwidth

BLOCK = 64 << 20
"""Bytes that each thread reads: more than the caches of most machines."""
_ROUNDS = 5
_PASSES = 8
"""Through a block in a row: a thread that was just started is not on a core of its own at once."""


def measure_bandwidth(threads: int, block: int = BLOCK) -> Bandwidth:
    """Read blocks of memory for half a second or so, and keep the medians."""
    search = _search()
    blocks = [ctypes.create_string_buffer(b"\x01" * block, block) for _ in range(threads)]
    alone = [_timed(search, blocks[:1], block) for _ in range(_ROUNDS)]
    together = [_timed(search, blocks, block) for _ in range(_ROUNDS)]
    middle = statistics.median(together)
    return Bandwidth(
        one_thread=statistics.median(alone),
        all_threads=max(middle, statistics.median(alone)),
        spread=statistics.median(abs(rate - middle) for rate in together) * 1.4826 / middle,
    )


def _timed(search: Callable[..., object], blocks: list[ctypes.Array[ctypes.c_char]],
           size: int) -> float:  # fmt: skip
    """Bytes per second over all blocks, each read by a thread of its own."""

    def read(block: ctypes.Array[ctypes.c_char]) -> None:
        for _ in range(_PASSES):
            search(block, 0, size)

    workers = [threading.Thread(target=read, args=(block,)) for block in blocks[1:]]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    read(blocks[0])
    for worker in workers:
        worker.join()
    return size * _PASSES * len(blocks) / (time.perf_counter() - began)


def _search() -> Callable[..., object]:
    library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    search = library.memchr
    search.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t]
    search.restype = ctypes.c_void_p
    return search
