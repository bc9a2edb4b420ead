"""What llama-server answers, in the words of the interface."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from freehold.engine.reply import (
    Alternative,
    Delta,
    Embeddings,
    Finished,
    Piece,
    Ranking,
    Reason,
    TokenChance,
    ToolCallDelta,
    Usage,
)

_REASONS: dict[str, Reason] = {"length": "length", "tool_calls": "tool_calls"}


class ChatEvents:
    """Reads the events of one chat answer: why it stopped comes in one, the counts in the next."""

    def __init__(self) -> None:
        self._reason: Reason = "stop"

    def __call__(self, event: dict[str, Any]) -> list[Piece]:
        """The pieces in one event."""
        pieces: list[Piece] = []
        for choice in event["choices"]:
            delta = choice.get("delta", {})
            if thought := delta.get("reasoning_content"):
                pieces.append(Delta(thought, reasoning=True))
            if text := delta.get("content"):
                chances = choice.get("logprobs")
                pieces.append(Delta(text, False, _chances(chances["content"]) if chances else ()))
            if calls := delta.get("tool_calls"):
                pieces += [_call(call) for call in calls]
            if reason := choice.get("finish_reason"):
                self._reason = _REASONS.get(reason, "stop")
        if usage := event.get("usage"):
            counts = _usage(usage["prompt_tokens"], usage["completion_tokens"], event["timings"])
            pieces.append(Finished(self._reason, counts))
        return pieces


def text_events(event: dict[str, Any]) -> list[Piece]:
    """The pieces in one event of a text answer."""
    pieces: list[Piece] = []
    if text := event.get("content"):
        pieces.append(Delta(text, False, _chances(event.get("completion_probabilities", ()))))
    if event.get("stop"):
        reason: Reason = "length" if event.get("stop_type") == "limit" else "stop"
        counts = _usage(event["tokens_evaluated"], event["tokens_predicted"], event["timings"])
        pieces.append(Finished(reason, counts, event.get("stopping_word") or None))
    return pieces


def counts_so_far(event: dict[str, Any]) -> Usage:
    """What an answer has taken up to this event, of a request with `timings_per_token`."""
    timings = event["timings"]
    return _usage(timings["cache_n"] + timings["prompt_n"], timings["predicted_n"], timings)


def embeddings(document: dict[str, Any]) -> Embeddings:
    """The vectors of an answer to `embed_body`."""
    rows = sorted(document["data"], key=lambda row: int(row["index"]))
    vectors = tuple(b64decode(row["embedding"]) for row in rows)
    return Embeddings(vectors, document["usage"]["prompt_tokens"])


def ranking(document: dict[str, Any]) -> Ranking:
    """The scores of an answer to `rerank_body`."""
    rows = sorted(document["results"], key=lambda row: int(row["index"]))
    scores = tuple(float(row["relevance_score"]) for row in rows)
    return Ranking(scores, document["usage"]["prompt_tokens"])


def _call(call: dict[str, Any]) -> ToolCallDelta:
    function = call.get("function", {})
    return ToolCallDelta(
        index=call["index"],
        arguments=function.get("arguments") or "",
        id=call.get("id"),
        name=function.get("name"),
    )


def _chances(tokens: list[dict[str, Any]] | tuple[()]) -> tuple[TokenChance, ...]:
    return tuple(
        TokenChance(_alternative(token), tuple(map(_alternative, token["top_logprobs"])))
        for token in tokens
    )


def _alternative(token: dict[str, Any]) -> Alternative:
    return Alternative(token["token"], bytes(token["bytes"]), token["logprob"])


def _usage(prompt: int, answer: int, timings: dict[str, Any]) -> Usage:
    return Usage(
        prompt_tokens=prompt,
        cached_tokens=timings["cache_n"],
        answer_tokens=answer,
        prompt_seconds=timings["prompt_ms"] / 1000,
        answer_seconds=timings["predicted_ms"] / 1000,
        drafted_tokens=timings.get("draft_n", 0),
        accepted_tokens=timings.get("draft_n_accepted", 0),
    )
