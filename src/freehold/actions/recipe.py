"""What a model brings along beside its weights: what it is told first, how it is to be sampled.

Models from Ollama's registry have such files, and so have those made with its `create`. A template
in Go's language is not read: the one inside the weights says the same in the engine's language.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from freehold.engine.interface import ChatRequest, Message, Sampling, TextRequest
from freehold.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from freehold.store.model import OwnedFile, OwnedModel
    from freehold.store.store import Store

SYSTEM, PARAMS, TEMPLATE = "system", "params", "template"
"""The roles of these files."""
JINJA = ".jinja"
_LIMIT = 1_000_000
_NUMBERS = {
    "temperature": ("temperature", float),
    "top_p": ("top_p", float),
    "top_k": ("top_k", int),
    "min_p": ("min_p", float),
    "repeat_penalty": ("repeat_penalty", float),
    "frequency_penalty": ("frequency_penalty", float),
    "presence_penalty": ("presence_penalty", float),
    "seed": ("seed", int),
    "num_predict": ("max_tokens", int),
}
"""Parameters by their name in such a file, and what they are here."""


@dataclass(frozen=True)
class Recipe:
    """What to add to a request that doesn't say otherwise."""

    system: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    template: str | None = None
    """A chat template in Jinja, in place of the one in the weights."""

    def applied(self, request: ChatRequest | TextRequest) -> ChatRequest | TextRequest:
        """The request with everything that it leaves open."""
        if isinstance(request, ChatRequest):
            return self.applied_to_chat(request)
        return replace(request, sampling=_filled(request.sampling, self.sampling))

    def applied_to_chat(self, request: ChatRequest) -> ChatRequest:
        """The same for a conversation."""
        request = replace(request, sampling=_filled(request.sampling, self.sampling))
        if not self.system:
            return request
        if request.messages[:1] and request.messages[0].role == "system":
            return request
        return replace(request, messages=(Message("system", self.system), *request.messages))


def read_recipe(store: Store, model: OwnedModel) -> Recipe:
    """What a model's own files say. Raises FormatError for parameters that are no JSON object."""
    system, sampling, template = "", Sampling(), None
    for file in model.files:
        if file.role not in {SYSTEM, PARAMS, TEMPLATE} or file.size > _LIMIT:
            continue
        if file.role == TEMPLATE and not file.name.endswith(JINJA):
            continue
        if file.role == SYSTEM:
            system = _text(store, file)
        elif file.role == TEMPLATE:
            template = _text(store, file)
        else:
            sampling = sampling_of(read_parameters(store, model, file))
    return Recipe(system, sampling, template)


def sampling_of(parameters: Mapping[str, Any]) -> Sampling:
    """Those of a file's parameters that are known and sound."""
    chosen: dict[str, Any] = {}
    for name, (ours, kind) in _NUMBERS.items():
        value = parameters.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            chosen[ours] = kind(value)
    if not chosen.get("max_tokens"):
        chosen.pop("max_tokens", None)
    stop = parameters.get("stop")
    words = [stop] if isinstance(stop, str) else stop if isinstance(stop, list) else []
    return Sampling(**chosen, stop=tuple(word for word in words if isinstance(word, str) and word))


def read_parameters(store: Store, model: OwnedModel, file: OwnedFile) -> dict[str, Any]:
    """What a file of parameters says. Raises FormatError."""
    try:
        found = json.loads(_text(store, file))
    except ValueError as error:
        raise FormatError(f"The parameters that come with {model.name} are not JSON.") from error
    if not isinstance(found, dict):
        raise FormatError(f"The parameters that come with {model.name} are no JSON object.")
    return found


def _text(store: Store, file: OwnedFile) -> str:
    return store.blob_path(file.digest).read_text(encoding="utf-8", errors="replace")


def _filled(wanted: Sampling, usual: Sampling) -> Sampling:
    missing = {
        each.name: getattr(usual, each.name)
        for each in fields(Sampling)
        if getattr(wanted, each.name) in (None, ())
    }
    return replace(wanted, **missing)
