"""Ollama's lists of models, and what can be done with one: show, copy, create, delete."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from freehold.actions.derive import Changes, derive
from freehold.actions.recipe import PARAMS, SYSTEM, read_parameters, read_recipe
from freehold.errors import NotOwned, TooBusy
from freehold.names import Digest, slug
from freehold.server.fields import Fields
from freehold.server.ollama_lines import NDJSON, line, stamp
from freehold.server.ollama_names import asked_name, exactly, known_name
from freehold.server.owned import owned_models
from freehold.server.problem import NotAllowed
from freehold.server.stream import Stream
from freehold.store.store import Store

if TYPE_CHECKING:
    from freehold.formats.gguf_facts import GgufFacts
    from freehold.server.desk import Desk
    from freehold.server.protocol import Call
    from freehold.store.libraries import Found
    from freehold.store.model import OwnedModel

_NEVER = datetime(2318, 1, 1, tzinfo=UTC)
_NOT_HERE = {
    "files": "left out: files are not taken from a client; `freehold get PATH` owns one",
    "adapters": "left out: an adapter cannot be joined to a model yet",
    "quantize": "left out: models are not quantized here yet",
    "license": "left out: a model keeps the licence of the one that it is made from",
    "messages": "left out: a model cannot begin its conversations with turns of its own yet",
}
_SETTINGS = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "repeat_penalty",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "num_predict",
)


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
            "expires_at": _expiry(residence.seconds_left(each)),
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


async def copy(call: Call) -> Response:
    """Own a model under a further name, sharing every byte."""
    body = call.body
    source = await known_name(call.desk, body.needed_text("source"))
    found = await call.desk.residence.find(source)
    await _make(call.desk, found, _new_name(body, body.needed_text("destination")), Changes())
    return Response(status_code=200)


async def create(call: Call) -> Response | Stream:
    """Own a model made from another, with words and settings of its own."""
    body = call.body
    name = _new_name(body, asked_name(body))
    for field, must in _NOT_HERE.items():
        if body.raw(field):
            raise body.wrong(field, must)
    changes = Changes(body.text("system"), _template(body), _parameters(body))
    base = await known_name(call.desk, body.needed_text("from"))
    found = await call.desk.residence.find(base)
    if not body.flag("stream", default=True):
        await _make(call.desk, found, name, changes)
        return JSONResponse({"status": "success"})
    return Stream(_making(call.desk, found, name, changes), NDJSON)


async def delete(call: Call) -> Response:
    """Stop owning a model, by exactly its name."""
    found = await exactly(call.desk, asked_name(call.body))
    await _let_go(call.desk, found.model)
    await asyncio.to_thread(_remove, found.store.home, found.model)
    call.desk.residence.forget_names()
    return Response(status_code=200)


async def has_blob(call: Call) -> Response:
    """Whether the bytes with this hash are owned."""
    digest = Digest.parse(call.request.path_params["digest"])
    libraries = await asyncio.to_thread(call.desk.residence.libraries.all)
    owned = {file.digest for each in libraries for model in each.models for file in model.files}
    if digest not in owned:
        raise NotOwned(f"No owned file hashes to {digest}.")
    return Response(status_code=200)


async def take_blob(call: Call) -> Response:
    """Files are not taken from clients."""
    raise NotAllowed(
        "Files are not taken from a client.",
        "`freehold get PATH` owns a file that is on this machine.",
    )


async def push(call: Call) -> Response:
    """Nothing is sent anywhere."""
    raise NotAllowed(
        "Models are not pushed from here: this server sends nothing that you own anywhere.",
        "`freehold export` writes a model to one file that others read.",
    )


async def _making(
    desk: Desk, found: Found, name: str, changes: Changes
) -> AsyncGenerator[bytes, None]:
    yield line({"status": f"using existing layer {found.model.weights.digest}"})
    await _make(desk, found, name, changes)
    yield line({"status": "writing manifest"})
    yield line({"status": "success"})


async def _make(desk: Desk, found: Found, name: str, changes: Changes) -> None:
    await asyncio.to_thread(_derive, found.store.home, found.model, name, changes)
    desk.residence.forget_names()


def _derive(home: Path, model: OwnedModel, name: str, changes: Changes) -> None:
    with Store.open(home) as store:
        derive(store, model, name, changes)


def _remove(home: Path, model: OwnedModel) -> None:
    with Store.open(home) as store:
        store.remove(model)


async def _let_go(desk: Desk, model: OwnedModel) -> None:
    for each in desk.residence.models:
        if each.key.id != model.id:
            continue
        if each.users or each.loading:
            raise TooBusy(f"{model.name} is in use.", "Try again when it has answered.")
        await desk.residence.unload(each)


def _new_name(body: Fields, name: str) -> str:
    wanted = slug(name.removesuffix(":latest"))
    if len(wanted) > 100:
        raise body.wrong("model", "a name of 100 characters at most")
    return wanted


def _template(body: Fields) -> str | None:
    text = body.text("template")
    if text and ("{{ ." in text or "{{." in text or "{{-" in text or "{{ if" in text):
        raise body.wrong(
            "template", "in Jinja, or left out: templates in Go's language are not understood"
        )
    return text or None


def _parameters(body: Fields) -> dict[str, Any]:
    given = body.object("parameters")
    raw = body.raw("parameters") or {}
    if given is None:
        return {}
    for name in raw:
        if name == "num_ctx":
            raise given.wrong(name, "left out: the context is `freehold serve --context N`'s")
        if name not in _SETTINGS and name != "stop":
            raise given.wrong(name, "one of " + ", ".join((*_SETTINGS, "stop")))
    for name in _SETTINGS:
        given.number(name, -2, 1 << 32)
    given.texts("stop", 16)
    return {name: value for name, value in raw.items() if value is not None}


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
    from freehold.actions.describe import read_model_facts

    model, store = found.model, found.store
    facts = read_model_facts(store.blob_path(model.weights.digest))
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
