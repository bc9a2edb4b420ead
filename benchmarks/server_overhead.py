"""What `freehold serve` costs beside the engine's own HTTP server, asked in turn.

A is a streamed chat through the server, B the same chat at a llama.cpp server of its own, loaded
in the same way; both over TCP. They read the same prompts, and answers are of the same length. At
1, 4 and 16 clients at once: seconds to the first token (the median client) and tokens per second
(all clients together). Bars: first token +5 ms at most, rate at least 0.98x. With `--unix`, B is
the server's own worker at its Unix socket, where each token costs the system less than over TCP;
Linux only, as the socket is found by /proc.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from freehold.actions.starter import STARTER
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.load_plan import LoadPlan
from measure import in_turn, owned_home, parser_of, report, serving, starter
from stream_client import Streamed, chats

CLIENTS = (1, 4, 16)
TOKENS = {1: 160, 4: 96, 16: 64}
CONTEXT = 512
_END_OF_TURN = "2"
"""The token with which SmolLM2 ends an answer: made impossible, so that all are of one length."""


@dataclass(frozen=True)
class Asked:
    """Where one of the two is asked."""

    address: str
    key: str = "none"

    def chats(self, bodies: list[dict[str, object]]) -> list[Streamed]:
        """All at once."""
        return chats(self.address, bodies, self.key)


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
def served(*, unix: bool) -> Iterator[tuple[Asked, Asked]]:
    """A server with the starter model in memory, and the engine's own."""
    with owned_home() as home:
        words = ("--parallel", "16", "--context", str(CONTEXT), "--idle", "0")
        with serving(home, *words) as (address, process):
            ours = Asked(address)
            ours.chats([body(0, 2)])
            if unix:
                yield ours, Asked(f"unix://{worker_socket(process)}")
                return
            plan = LoadPlan(starter(), CONTEXT, parallel=16)
            with LlamaCppEngine(unix_socket=False).load(plan) as model:
                yield ours, Asked(model.ready.address, model.ready.key or "none")


def worker_socket(server: int) -> Path:
    """The socket in the private folder of the server's worker."""
    for child in psutil.Process(server).children():
        path = Path(child.cwd()) / "s.sock"
        if path.exists():
            return path
    raise RuntimeError("the server has no worker")


def main() -> int:
    parser = parser_of(__doc__, pairs=11)
    parser.add_argument("--unix", action="store_true", help="B is the worker at its Unix socket")
    args = parser.parse_args()
    theirs_is = "the server's worker, Unix socket" if args.unix else "llama.cpp's server, TCP"
    figures: dict[str, object] = {"model": STARTER.title, "against": theirs_is, "context": CONTEXT}
    figures["pairs"] = args.pairs
    met = True
    throughput: dict[int, float] = {}
    with served(unix=args.unix) as (ours, theirs):
        for count in CLIENTS:
            figures[f"{count}_clients"], good, throughput[count] = compared(
                ours, theirs, count, args.pairs
            )
            met = met and good
    figures["throughput_of_16_clients_against_1"] = round(throughput[16] / throughput[1], 2)
    bar = "first token 5 ms later at most, rate at least 0.98x, at 1, 4 and 16 clients"
    return report("server_overhead", bar, figures, args.json, met=met)


def compared(
    ours: Asked, theirs: Asked, count: int, pairs: int
) -> tuple[dict[str, object], bool, float]:
    """So many clients at once: the figures, whether they meet the bars, and our rate."""
    bodies = [body(client, TOKENS[count]) for client in range(count)]
    rounds: dict[Asked, list[Round]] = {ours: [], theirs: []}

    def ask(one: Asked) -> float:
        rounds[one].append(Round.of(one.chats(bodies)))
        return rounds[one][-1].rate

    in_turn(lambda: ask(ours), lambda: ask(theirs), pairs)
    both = list(zip(rounds[ours][1:], rounds[theirs][1:], strict=True))
    ratio = statistics.median(a.rate / b.rate for a, b in both)
    later = statistics.median(a.first - b.first for a, b in both)
    rate = statistics.median(a.rate for a, _ in both)
    found: dict[str, object] = {
        "tokens_each": TOKENS[count],
        "first_token_ms": round(1000 * statistics.median(a.first for a, _ in both), 2),
        "own_first_token_ms": round(1000 * statistics.median(b.first for _, b in both), 2),
        "first_token_later_ms": round(1000 * later, 2),
        "tokens_per_s": round(rate, 1),
        "own_tokens_per_s": round(statistics.median(b.rate for _, b in both), 1),
        "rate_ratio": round(ratio, 4),
    }
    return found, ratio >= 0.98 and later <= 0.005, rate


if __name__ == "__main__":
    sys.exit(main())
