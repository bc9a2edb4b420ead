"""A clause's words, as many as there is time for."""

from __future__ import annotations

LONGEST_QUOTE = 45
"""Words of a clause that are read out; the rest is left to the reader, marked by an ellipsis."""
_CONDITIONS = frozenset({"unless", "except", "until", "without", "if", "provided"})
"""Words that may turn round what stands before them."""


def shortened(quote: str, most: int = LONGEST_QUOTE) -> str:
    """A clause's words on one line; a long one cut between words, with an ellipsis.

    A condition further on (`unless …`) may turn it round, so what is kept has the first such too.
    """
    words = quote.split()
    if len(words) <= most:
        return " ".join(words)
    turn = next((at for at, word in enumerate(words) if word.lower() in _CONDITIONS), 0)
    head = most if turn < most // 2 else most // 2
    if head == most or turn <= head:
        return " ".join(words[:most]) + " …"
    end = turn + most - head
    parts = [" ".join(words[:head]), " ".join(words[turn:end])]
    return " … ".join(parts) + (" …" if end < len(words) else "")
