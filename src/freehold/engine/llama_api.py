"""What llama-server's requests and events look like, to and from the words of the interface."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from freehold.engine.interface import (
    ChatRequest,
    Delta,
    Finished,
    Message,
    Sampling,
    TextRequest,
    Usage,
)
from freehold.engine.schema import parse_schema

# What llama.cpp puts in place of a chat template when a file has none (ChatML). It doesn't say
# that it did, so this is how to tell; a file that carries these very words loses nothing by it.
_STAND_IN = (
    "{%- for message in messages -%}\n"
    "  {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' -}}\n"
    "{%- endfor -%}\n"
    "{%- if add_generation_prompt -%}\n"
    "  {{- '<|im_start|>assistant\n' -}}\n"
    "{%- endif -%}"
)


def chat_body(request: ChatRequest) -> dict[str, Any]:
    """A request for /v1/chat/completions."""
    body = _sampling(request.sampling, "max_tokens") | {
        "messages": messages(request.messages),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.sampling.schema is not None:
        schema = parse_schema(request.sampling.schema)
        body["response_format"] = {"type": "json_schema", "json_schema": {"schema": schema}}
    return body


def text_body(request: TextRequest) -> dict[str, Any]:
    """A request for /completion."""
    body = _sampling(request.sampling, "n_predict") | {"prompt": request.prompt, "stream": True}
    if request.sampling.schema is not None:
        body["json_schema"] = parse_schema(request.sampling.schema)
    return body


def messages(turns: tuple[Message, ...]) -> list[dict[str, str]]:
    """Turns as the API writes them."""
    return [{"role": turn.role, "content": turn.content} for turn in turns]


class ChatEvents:
    """Reads the events of one chat answer: why it stopped comes in one, the counts in the next."""

    def __init__(self) -> None:
        self._reason: Literal["stop", "length"] = "stop"

    def __call__(self, event: dict[str, Any]) -> Iterator[Delta | Finished]:
        """The pieces in one event."""
        for choice in event.get("choices", ()):
            delta = choice.get("delta", {})
            if thought := delta.get("reasoning_content"):
                yield Delta(thought, reasoning=True)
            if text := delta.get("content"):
                yield Delta(text)
            if choice.get("finish_reason") == "length":
                self._reason = "length"
        if usage := event.get("usage"):
            yield Finished(
                self._reason,
                _usage(usage["prompt_tokens"], usage["completion_tokens"], event["timings"]),
            )


def text_events(event: dict[str, Any]) -> Iterator[Delta | Finished]:
    """The pieces in one event of a text answer."""
    if text := event.get("content"):
        yield Delta(text)
    if event.get("stop"):
        yield Finished(
            "length" if event.get("stop_type") == "limit" else "stop",
            _usage(event["tokens_evaluated"], event["tokens_predicted"], event["timings"]),
        )


def own_template(template: str | None) -> str | None:
    """The template of /props, or None when it is llama.cpp's stand-in."""
    return None if not template or template == _STAND_IN else template


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


def _sampling(wanted: Sampling, most: str) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "temperature": wanted.temperature,
        "top_p": wanted.top_p,
        "top_k": wanted.top_k,
        "min_p": wanted.min_p,
        "repeat_penalty": wanted.repeat_penalty,
        "seed": wanted.seed,
        most: wanted.max_tokens,
        "stop": list(wanted.stop) or None,
        "ignore_eos": wanted.past_the_end or None,
        # A kept prompt changes the last digits of the numbers, and so a seeded answer.
        "cache_prompt": wanted.seed is None,
    }
    return {name: value for name, value in chosen.items() if value is not None}
