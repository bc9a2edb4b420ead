"""The bandwidth cap: reading it as a person writes it, and keeping to it.

Knows nothing of connections: whoever moves bytes asks how long to wait.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

from freehold.errors import UsageError

_RATE = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*([kmg]?)(i?)(bits?|b|)(?:ps|/s|/sec|/second)?", re.I)
_HINT = "Write it like 5MB/s, 500k, 1.5 MiB/s or 20Mbit/s."
BURST_SECONDS = 0.1
"""How much may go at once after a quiet moment, in seconds' worth."""


def parse_rate(text: str) -> float:
    """Bytes per second from `5MB/s`, `500k`, `1.5 MiB/s` or `20Mbit/s`.

    k, M and G are powers of 1000; with an i, of 1024. `b` and `B` are both bytes: only the word
    `bit` means bits. Raises UsageError.
    """
    found = _RATE.fullmatch(text.strip())
    if not found:
        raise UsageError(f"{text!r} is not a rate.", _HINT)
    number, prefix, binary, unit = found.groups()
    if binary and not prefix:
        raise UsageError(f"{text!r} is not a rate.", _HINT)
    base = 1024 if binary else 1000
    power = "kmg".index(prefix.lower()) + 1 if prefix else 0
    rate = float(number) * float(base**power)
    if unit.lower().startswith("bit"):
        rate /= 8
    if rate < 1:
        raise UsageError(f"A rate of {text!r} would never fetch anything.", _HINT)
    return rate


class TokenBucket:
    """Shares one rate among all who move bytes. Safe to use from several threads."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at = clock()

    def reserve(self, amount: int) -> float:
        """Count `amount` bytes as moved; the seconds to wait before moving more."""
        with self._lock:
            now = self._clock()
            self._free_at = max(self._free_at, now - BURST_SECONDS) + amount / self.rate
            return max(0.0, self._free_at - now)
