"""What can be done with a model by Ollama's API: copy, create, delete; and what cannot, and why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from freehold.actions.derive import Changes, derive
from freehold.errors import NotOwned
from freehold.names import Digest, slug
from freehold.server.fields import Fields
from freehold.server.ollama_names import asked_name, exactly, known_name
from freehold.server.owned import remove_owned
from freehold.server.problem import NotAllowed
from freehold.server.stream import NDJSON, Stream, line
from freehold.store.store import Store

if TYPE_CHECKING:
    from freehold.server.desk import Desk
    from freehold.server.protocol import Call
    from freehold.store.libraries import Found
    from freehold.store.model import OwnedModel

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
    await remove_owned(call.desk, found)
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
