"""The next turn of a long conversation after a restart: seconds to its first token.

A is `freehold serve`, stopped and started again: it has kept the state of the conversation. B is
the engine's own HTTP server, started again likewise: it reads everything anew. Both have the model
in memory when they are asked, over the same client, and each pair asks another question. Bar: A
at least 10 times as fast. Linux only, as the worker's socket is found by /proc.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from freehold.actions.starter import STARTER
from measure import arguments, ask, in_turn, owned_home, report, serving
from server_overhead import worker_socket
from stream_client import Streamed, chats

TOKENS = 4000
CONTEXT = 6144
_SENTENCE = "In the year {} the keeper of the lighthouse wrote that the sea had been calm. "
Turns = list[dict[str, str]]


@contextmanager
def served(home: Path, *, keep: bool) -> Iterator[tuple[str, str]]:
    """A server that has just started, the model in memory: its address, and that of its worker."""
    words = ["--parallel", "1", "--idle", "0", "--context", str(CONTEXT), "--pin", "smollm2"]
    with serving(home, *words, *([] if keep else ["--keep", "0"])) as (address, process):
        while not any(not each["loading"] for each in ask(address, "/health")["models"]):
            time.sleep(0.05)
        yield address, f"unix://{worker_socket(process)}"


def begin(home: Path) -> tuple[Turns, int]:
    """Have the conversation up to its last turn; its turns, and the tokens of its prompt."""
    with served(home, keep=True) as (address, _):
        text, count = "", 0
        while count < TOKENS:
            text += "".join(_SENTENCE.format(1700 + count + year) for year in range(20))
            count = ask(address, "/tokenize", {"model": "smollm2", "text": text})["count"]
        turns = [{"role": "user", "content": f"{text}\nWhat did the keeper write?"}]
        body = {"model": "smollm2", "messages": turns, "max_tokens": 24, "temperature": 0}
        said = ask(address, "/v1/chat/completions", body)
        turns.append({"role": "assistant", "content": said["choices"][0]["message"]["content"]})
        return turns, said["usage"]["prompt_tokens"]


def main() -> int:
    args = arguments(__doc__, pairs=5)
    seen: dict[bool, list[Streamed]] = {True: [], False: []}
    with owned_home() as home:
        turns, tokens = begin(home)

        def returning(*, keep: bool) -> float:
            """Seconds to the first token of one more turn, after a restart."""
            question = f"And in the year {1800 + len(seen[keep])}?"
            body: dict[str, object] = {
                "model": "smollm2",
                "messages": [*turns, {"role": "user", "content": question}],
                "max_tokens": 8,
                "temperature": 0,
                "stream": True,
                "stream_options": {"include_usage": True},
            }
            with served(home, keep=keep) as (ours, own):
                (stream,) = chats(ours if keep else own, [body])
            seen[keep].append(stream)
            return stream.first - stream.sent

        pairs = in_turn(lambda: returning(keep=True), lambda: returning(keep=False), args.pairs)
    ours, own = pairs.medians
    figures: dict[str, object] = {
        "model": STARTER.title,
        "conversation_tokens": tokens,
        "pairs": args.pairs,
        "first_token_ms": round(1000 * ours, 1),
        "own_first_token_ms": round(1000 * own, 1),
        "times_as_fast": round(1 / pairs.ratio, 1),
        "cached_tokens": statistics.median(each.cached for each in seen[True]),
        "own_cached_tokens": statistics.median(each.cached for each in seen[False]),
    }
    bar = "at least 10 times as fast as the engine's own server restarted"
    return report("return_to_conversation", bar, figures, args.json, met=1 / pairs.ratio >= 10)


if __name__ == "__main__":
    sys.exit(main())
