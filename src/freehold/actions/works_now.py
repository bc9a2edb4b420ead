"""What works at this moment with the network cut, and what does not, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.store.model import OwnedModel

_NONE = "no model that is whole is owned"


@dataclass(frozen=True)
class Feature:
    """Something that Freehold does."""

    name: str
    works: bool
    why: str


def works_now(
    models: Sequence[OwnedModel], engine_trouble: str | None, *, calibrated: bool
) -> Iterator[Feature]:
    """Every feature, for the models that are whole."""
    runnable = [model for model in models if model.runs]
    chats = [model for model in runnable if model.facts.get("chat")]
    sees = [model for model in runnable if any(file.role == "projector" for file in model.files)]
    yield _by_models("ask and chat (run)", runnable, engine_trouble)
    yield _by_models("chat with a template", chats, engine_trouble)
    yield _by_models("look at pictures", sees, engine_trouble, "no owned model comes with eyes")
    web = all(find_spec(name) for name in ("starlette", "uvicorn"))
    missing = None if web else "the web framework is not installed"
    yield _by_models("serve programs (serve)", runnable, engine_trouble or missing)
    yield _by_models("measure and tune (bench, tune)", runnable, engine_trouble)
    why = "this machine is calibrated" if calibrated else "not calibrated yet: it measures first"
    yield Feature("what fits (fit, device)", True, why)
    whole = f"{len(models)} owned" if models else _NONE
    yield Feature("verify, protect, export", bool(models), whole)
    yield Feature("adopt, import, own a file", True, "from this machine or a disk")
    yield Feature("search and get from elsewhere", False, "fetching is what a network is for")


def _by_models(
    name: str, models: Sequence[OwnedModel], trouble: str | None, none: str = _NONE
) -> Feature:
    if trouble is not None:
        return Feature(name, False, trouble)
    if not models:
        return Feature(name, False, none)
    named = ", ".join(model.name for model in models[:3])
    return Feature(name, True, named + (f" and {len(models) - 3} more" if models[3:] else ""))
