"""What a fit is called, in words a person can act on.

The measure for speed is reading: an adult reads English non-fiction in silence at 238 words a
minute on average (M. Brysbaert, "How many words do we read per minute?", Journal of Memory and
Language 109, 2019, 190 studies). A token is about three quarters of an English word, as tokenizers
of today's size cut it, so reading speed is about 5.3 tokens a second; in other languages a word
takes more tokens. A page is taken to be 350 words.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from freehold.units import counted, human_bytes

if TYPE_CHECKING:
    from freehold.device.estimates import Rate

WORDS_A_MINUTE = 238
TOKENS_A_WORD = 4 / 3
READING_SPEED = WORDS_A_MINUTE / 60 * TOKENS_A_WORD
"""Tokens per second."""
READ_ALONG = 0.9 * READING_SPEED
"""Tokens per second from which an answer is about as fast as it is read."""
PAGE_TOKENS = 350 * TOKENS_A_WORD
SLOW = READING_SPEED / 2
"""Tokens per second under which an answer is waited for rather than read along."""


class Verdict(StrEnum):
    """What is to be said of a model on a machine."""

    FITS = "fits"
    SLOW = "fits, but slowly"
    NOT_NOW = "fits when memory is freed"
    """The machine could hold it, and what is free at this moment does not."""
    TOO_LARGE = "does not fit"
    UNKNOWN = "unknown"


def rate_words(rate: Rate) -> str:
    """`about 9 tokens/s`."""
    number = plain_rate(rate.expected)
    return f"about {number} token{'' if number == '1' else 's'}/s"


def plain_rate(rate: float) -> str:
    """Two digits: `0.4`, `3.1`, `12`, `270`; no more is known."""
    if rate >= 10:
        return f"{float(f'{rate:.2g}'):,.0f}"
    return f"{rate:.1f}".removesuffix(".0") if rate >= 0.095 else f"{rate:.1g}"


def reading_words(rate: Rate) -> str:
    """How an answer at this rate feels: `faster than you read`, `a page takes 8 minutes`."""
    if rate.low >= READING_SPEED:
        return "faster than you read"
    if rate.expected >= READ_ALONG:
        return "about as fast as you read"
    if rate.expected >= SLOW:
        return "slower than you read"
    return f"a page takes {duration(PAGE_TOKENS / rate.expected)}"


def duration(seconds: float) -> str:
    """`40 seconds`, `8 minutes`, `3 hours`."""
    for length, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 1.5 * length or (seconds >= length and word != "minute"):
            return counted(round(seconds / length), word)
    return counted(max(1, round(seconds)), "second")


def bits_words(quantization: str | None) -> str | None:
    """`4-bit` for Q4_K_M and its kind; None for what is not packed tighter than 8 bits."""
    digits = [ch for ch in quantization or "" if ch.isdigit()]
    if quantization and quantization.lstrip("I").startswith("Q") and digits and digits[0] < "8":
        return f"{digits[0]}-bit"
    return "4-bit" if quantization == "MXFP4" else None


def whole_bytes(count: int) -> str:
    """Memory as it is spoken of: `41 GB`, `1.2 GB`, `380 MB`."""
    text = human_bytes(count)
    number, _, unit = text.partition(" ")
    return f"{float(number):.0f} {unit}" if "." in number and float(number) >= 10 else text


def two_sizes(one: int, other: int) -> tuple[str, str]:
    """Both as they are spoken of; more exactly where that would make them look the same."""
    words = whole_bytes(one), whole_bytes(other)
    return words if words[0] != words[1] else (human_bytes(one), human_bytes(other))
