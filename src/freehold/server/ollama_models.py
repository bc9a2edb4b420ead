"""Ollama's lists of models, and what it shows of one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from freehold.actions.recipe import PARAMS, SYSTEM, read_parameters, read_recipe
from freehold.server.ollama_lines import stamp
from freehold.server.ollama_names import asked_name, known_name
from freehold.server.owned import owned_models

if TYPE_CHECKING:
    from freehold.formats.gguf_facts import GgufFacts
    from freehold.server.protocol import Call
    from freehold.store.libraries import Found
    from freehold.store.model import OwnedModel

_NEVER = datetime(2318, 1, 1, tzinfo=UTC)


async def tags(call: Call) -> Response:
    """Every owned model."""
    models = await owned_models(call.desk)
    return JSONResponse({"models": [_listed(each) for each in models]})


async def ps(call: Call) -> Response:
    """The models in memory, and until when."""
    residence = call.desk.residence
    loaded = [
        _listed(each.owned)
        | {
            "expires_at": _expiry(residence.stays.seconds_left(each)),
            "size": each.resident().claimed,
            "size_vram": 0,
            "context_length": each.plan.context,
        }
        for each in residence.models
        if not each.loading
    ]
    return JSONResponse({"models": loaded})


async def show(call: Call) -> Response:
    """What is known of a model."""
    name = await known_name(call.desk, asked_name(call.body))
    found = await call.desk.residence.find(name)
    return JSONResponse(await asyncio.to_thread(_shown, found))


def _listed(model: OwnedModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "model": model.name,
        "modified_at": stamp(model.added_at),
        "size": model.size,
        "digest": model.id,
        "details": _details(model),
    }


def _details(model: OwnedModel) -> dict[str, Any]:
    family = str(model.facts.get("architecture", ""))
    count = model.facts.get("parameters")
    return {
        "parent_model": model.parents[0].name or "" if model.parents else "",
        "format": str(model.facts.get("format", "gguf")),
        "family": family,
        "families": [family] if family else [],
        "parameter_size": _short_count(count) if isinstance(count, int) else "",
        "quantization_level": str(model.facts.get("quantization", "")),
    }


def _short_count(count: int) -> str:
    return f"{count / 1e9:.1f}B" if count >= 1e9 else f"{count / 1e6:.2f}M"


def _expiry(seconds: float | None) -> str:
    if seconds is None:
        return stamp(_NEVER)
    return stamp(min(datetime.now(UTC) + timedelta(seconds=min(seconds, 1e9)), _NEVER))


def _shown(found: Found) -> dict[str, Any]:
    from freehold.actions.owning import read_parts
    from freehold.formats.gguf_facts import read_facts

    model, store = found.model, found.store
    facts = read_facts(*read_parts(store.weights_paths(model)))
    recipe = read_recipe(store, model)
    template = recipe.template or facts.chat_template or ""
    settings = [
        line
        for file in model.files
        if file.role == PARAMS
        for line in _setting_lines(read_parameters(store, model, file))
    ]
    text = model.licence.text_digest
    return {
        "modelfile": _modelfile(model, recipe.system, settings),
        "parameters": "\n".join(settings),
        "template": template,
        **({SYSTEM: recipe.system} if recipe.system else {}),
        "license": store.blob_path(text).read_text("utf-8", "replace")
        if text
        else model.licence.spdx or model.licence.name or "",
        "modified_at": stamp(model.added_at),
        "details": _details(model),
        "model_info": _model_info(facts),
        "capabilities": _capabilities(model, facts, template),
    }


def _setting_lines(parameters: dict[str, Any]) -> list[str]:
    lines = []
    for name, value in sorted(parameters.items()):
        values = value if isinstance(value, list) else [value]
        lines += [f"{name} {_quoted(each)}" for each in values]
    return lines


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _modelfile(model: OwnedModel, system: str, settings: list[str]) -> str:
    base = model.parents[0].name if model.parents and model.parents[0].name else model.name
    lines = [f"FROM {base}", *(f"PARAMETER {each}" for each in settings)]
    if system:
        lines.append(f'SYSTEM """{system}"""')
    return "\n".join(lines) + "\n"


def _model_info(facts: GgufFacts) -> dict[str, Any]:
    family, network = facts.architecture or "", facts.network
    told = {
        "general.architecture": family,
        "general.parameter_count": facts.weights.parameters,
        "general.basename": facts.name,
        f"{family}.context_length": network.context_length,
        f"{family}.embedding_length": network.embedding_width,
        f"{family}.block_count": network.layers,
        "tokenizer.ggml.model": facts.tokenizer.model,
    }
    return {name: value for name, value in told.items() if value is not None}


def _capabilities(model: OwnedModel, facts: GgufFacts, template: str) -> list[str]:
    able = {
        "embedding": facts.architecture is not None and "bert" in facts.architecture,
        "vision": any(file.role == "projector" for file in model.files),
        "tools": "tools" in template,
        "thinking": "enable_thinking" in template or "<think>" in template,
    }
    usual = [] if able["embedding"] else ["completion"]
    return usual + [name for name, can in able.items() if can]
