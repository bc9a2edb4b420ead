"""What `freehold serve` costs beside the engine's own HTTP server: the same worker, asked in turn.

A is a streamed chat through the server over TCP, B the same chat at the worker's own socket. Both
read the same prompts in the same places; answers are of the same length. At 1, 4 and 16 clients at
once: seconds to the first token (the median client) and tokens per second (all clients together).
Bars: first token +5 ms at most, rate at least 0.98x. Linux only: the socket is found by /proc.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from freehold.actions.starter import STARTER
from measure import arguments, freehold, in_turn, owned_home, report
from stream_client import Streamed, chats

CLIENTS = (1, 4, 16)
TOKENS = {1: 160, 4: 96, 16: 64}
CONTEXT = 512
_END_OF_TURN = "2"
"""The token with which SmolLM2 ends an answer: made impossible, so that all are of one length."""


@dataclass(frozen=True)
class Round:
    """What one round of clients saw."""

    first: float
    """Seconds to the first token, of the median client."""
    rate: float
    """Tokens per second of all, from the first token of any to the last."""

    @classmethod
    def of(cls, streams: list[Streamed]) -> Round:
        tokens = sum(stream.tokens for stream in streams) - len(streams)
        begin = min(stream.first for stream in streams)
        return cls(
            first=statistics.median(stream.first - stream.sent for stream in streams),
            rate=tokens / (max(stream.last for stream in streams) - begin),
        )


def body(client: int, tokens: int) -> dict[str, object]:
    """What one client asks."""
    question = f"Write a long story about the lighthouse number {client} and the sea."
    return {
        "model": "smollm2",
        "messages": [{"role": "user", "content": question}],
        "temperature": 0,
        "max_tokens": tokens,
        "logit_bias": {_END_OF_TURN: -100},
        "stream": True,
        "stream_options": {"include_usage": True},
    }


@contextmanager
def served() -> Iterator[tuple[str, str]]:
    """A server with the starter model in memory: its address, and that of its worker."""
    with owned_home() as home:
        words = freehold("serve", "--port", "0", "--json", "--parallel", "16")
        words += ["--context", str(CONTEXT), "--idle", "0"]
        environment = {**os.environ, "FREEHOLD_HOME": str(home)}
        with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            try:
                address = json.loads(process.stdout.readline())["address"]
                chats(address, [body(0, 2)])
                yield address, f"unix://{worker_socket(process.pid)}"
            finally:
                process.terminate()


def worker_socket(server: int) -> Path:
    """The socket in the private folder of the server's worker."""
    for child in psutil.Process(server).children():
        path = Path(child.cwd()) / "s.sock"
        if path.exists():
            return path
    raise RuntimeError("the server has no worker")


def main() -> int:
    args = arguments(__doc__, pairs=11)
    figures: dict[str, object] = {"model": STARTER.title, "context": CONTEXT, "pairs": args.pairs}
    met = True
    throughput: dict[int, float] = {}
    with served() as (ours, theirs):
        for count in CLIENTS:
            bodies = [body(client, TOKENS[count]) for client in range(count)]
            rounds: dict[str, list[Round]] = {ours: [], theirs: []}

            def ask(
                address: str,
                bodies: list[dict[str, object]] = bodies,
                rounds: dict[str, list[Round]] = rounds,
            ) -> float:
                rounds[address].append(Round.of(chats(address, bodies)))
                return rounds[address][-1].rate

            in_turn(lambda ask=ask: ask(ours), lambda ask=ask: ask(theirs), args.pairs)  # type: ignore[misc] # bound now
            pairs = list(zip(rounds[ours][1:], rounds[theirs][1:], strict=True))
            ratio = statistics.median(a.rate / b.rate for a, b in pairs)
            later = statistics.median(a.first - b.first for a, b in pairs)
            throughput[count] = statistics.median(a.rate for a, _ in pairs)
            met = met and ratio >= 0.98 and later <= 0.005
            figures[f"{count}_clients"] = {
                "tokens_each": TOKENS[count],
                "first_token_ms": round(1000 * statistics.median(a.first for a, _ in pairs), 2),
                "own_first_token_ms": round(1000 * statistics.median(b.first for _, b in pairs), 2),
                "first_token_later_ms": round(1000 * later, 2),
                "tokens_per_s": round(throughput[count], 1),
                "own_tokens_per_s": round(statistics.median(b.rate for _, b in pairs), 1),
                "rate_ratio": round(ratio, 4),
            }
    figures["throughput_of_16_clients_against_1"] = round(throughput[16] / throughput[1], 2)
    bar = "first token 5 ms later at most, rate at least 0.98x, at 1, 4 and 16 clients"
    return report("server_overhead", bar, figures, args.json, met=met)


if __name__ == "__main__":
    sys.exit(main())
