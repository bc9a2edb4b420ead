"""What llama-server is asked, from the words of the interface."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from freehold.engine.interface import (
    ChatRequest,
    EmbedRequest,
    Message,
    Place,
    RerankRequest,
    Sampling,
    TextRequest,
    Tools,
)
from freehold.engine.request import Scales
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
    wanted = request.sampling
    body = template_body(request) | _sampling(wanted, "max_tokens") | _placed(request.place, wanted)
    body |= {"stream": True, "stream_options": {"include_usage": True}} | _scaled(request.scales)
    if wanted.alternatives is not None:
        body |= {"logprobs": True, "top_logprobs": wanted.alternatives}
    if wanted.schema is not None:
        schema = parse_schema(wanted.schema)
        body["response_format"] = {"type": "json_schema", "json_schema": {"schema": schema}}
    return body


def text_body(request: TextRequest) -> dict[str, Any]:
    """A request for /completion."""
    wanted = request.sampling
    prompt = request.prompt if isinstance(request.prompt, str) else list(request.prompt)
    body = _sampling(wanted, "n_predict") | _placed(request.place, wanted)
    body |= {"prompt": prompt, "stream": True} | _scaled(request.scales)
    if wanted.alternatives is not None:
        body["n_probs"] = max(1, wanted.alternatives)  # with 0 it tells nothing at all
    if wanted.schema is not None:
        body["json_schema"] = parse_schema(wanted.schema)
    return body


def template_body(request: ChatRequest) -> dict[str, Any]:
    """A request for /apply-template: the conversation and its tools."""
    body: dict[str, Any] = {"messages": messages(request.messages)}
    if request.think is not None:
        body["chat_template_kwargs"] = {"enable_thinking": request.think}
    return body if request.tools is None else body | _tools(request.tools)


def embed_body(request: EmbedRequest) -> dict[str, Any]:
    """A request for /v1/embeddings."""
    inputs = [each if isinstance(each, str) else list(each) for each in request.inputs]
    return {"input": inputs, "encoding_format": "base64"}


def rerank_body(request: RerankRequest) -> dict[str, Any]:
    """A request for /v1/rerank."""
    return {"query": request.query, "documents": list(request.documents)}


def tokenize_body(text: str, special: bool, begin: bool = False) -> dict[str, Any]:
    """A request for /tokenize."""
    return {"content": text, "parse_special": special, "add_special": begin}


def messages(turns: tuple[Message, ...]) -> list[dict[str, Any]]:
    """Turns as the API writes them."""
    return [_message(turn) for turn in turns]


def own_template(template: str | None) -> str | None:
    """The template of /props, or None when it is llama.cpp's stand-in."""
    return None if not template or template == _STAND_IN else template


def _message(turn: Message) -> dict[str, Any]:
    said: dict[str, Any] = {
        "role": turn.role,
        "content": _parts(turn) if turn.images else turn.content,
    }
    if turn.reasoning:
        said["reasoning_content"] = turn.reasoning
    if turn.answers_call is not None:
        said["tool_call_id"] = turn.answers_call
    if turn.tool_calls:
        said["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in turn.tool_calls
        ]
    return said


def _parts(turn: Message) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    begin = 0
    for image in sorted(turn.images, key=lambda image: image.at):
        if text := turn.content[begin : image.at]:
            parts.append({"type": "text", "text": text})
        begin = image.at
        url = f"data:{image.media_type};base64,{b64encode(image.data).decode()}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    if text := turn.content[begin:]:
        parts.append({"type": "text", "text": text})
    return parts


def _tools(tools: Tools) -> dict[str, Any]:
    offered = tools.offered if tools.only is None else tools.usable
    return {
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": json.loads(tool.parameters),
                },
            }
            for tool in offered
        ],
        "tool_choice": tools.choice,
        "parallel_tool_calls": tools.parallel,
    }


def _scaled(scales: Scales | None) -> dict[str, Any]:
    if scales is None:
        return {}
    return {"lora": [{"id": index, "scale": scale} for index, scale in enumerate(scales)]}


def _placed(place: Place | None, wanted: Sampling) -> dict[str, Any]:
    # A kept prompt changes the last digits of the numbers, and so a seeded answer.
    reuse = wanted.seed is None and (place is None or place.reuse)
    return (
        {"cache_prompt": reuse} if place is None else {"cache_prompt": reuse, "id_slot": place.slot}
    )


def _sampling(wanted: Sampling, most: str) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "temperature": wanted.temperature,
        "top_p": wanted.top_p,
        "top_k": wanted.top_k,
        "min_p": wanted.min_p,
        "repeat_penalty": wanted.repeat_penalty,
        "frequency_penalty": wanted.frequency_penalty,
        "presence_penalty": wanted.presence_penalty,
        "seed": wanted.seed,
        most: wanted.max_tokens,
        "stop": list(wanted.stop) or None,
        "logit_bias": [list(pair) for pair in wanted.bias] or None,
        "ignore_eos": wanted.past_the_end or None,
    }
    return {name: value for name, value in chosen.items() if value is not None}
