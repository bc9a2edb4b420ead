"""Every number that flows through a decoder has a name: read it, replace it, keep it.

The names, for layer i (shapes as in the docstring of `Transformer.trace`):

    embed
    layers.i.input
    layers.i.attention.norm  .q .k .v  .scores .pattern .heads  .output
    layers.i.middle
    layers.i.mlp.norm  .gate .up .hidden  .output
    layers.i.output
    final.norm
    logits
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from freehold.errors import UsageError

Hook = Callable[[NDArray[np.float32], str], NDArray[np.float32] | None]
"""Is given an activation, read-only, and its name. An array that it returns takes its place."""

_ATTENTION = ("norm", "q", "k", "v", "scores", "pattern", "heads", "output")
_MLP = ("norm", "gate", "up", "hidden", "output")
_OF_LAYER = (
    "input",
    *(f"attention.{part}" for part in _ATTENTION),
    "middle",
    *(f"mlp.{part}" for part in _MLP),
    "output",
)


def activation_names(layers: int) -> Iterator[str]:
    """All names, in the order in which they are computed."""
    yield "embed"
    for layer in range(layers):
        yield from (f"layers.{layer}.{part}" for part in _OF_LAYER)
    yield "final.norm"
    yield "logits"


class Taps:
    """Where a trace's hooks and wishes meet its activations."""

    def __init__(self, layers: int, keep: Collection[str], hooks: Mapping[str, Hook]) -> None:
        """`keep` and the keys of `hooks` may have `*`. Raises UsageError for one that fits none."""
        names = list(activation_names(layers))
        self._keep = {name for wish in keep for name in _matching(wish, names)}
        self._hooks: dict[str, list[Hook]] = {}
        for wish, hook in hooks.items():
            for name in _matching(wish, names):
                self._hooks.setdefault(name, []).append(hook)
        self.kept: dict[str, NDArray[np.float32]] = {}
        """What was kept, by name."""

    def wants(self, name: str) -> bool:
        """Whether anybody looks at it."""
        return name in self._keep or name in self._hooks

    def __call__(self, name: str, value: NDArray[np.float32]) -> NDArray[np.float32]:
        """Show an activation to its hooks, keep it if that was wished, and return what goes on."""
        for hook in self._hooks.get(name, ()):
            shown = value.view()
            shown.flags.writeable = False
            given = hook(shown, name)
            if given is not None:
                value = _checked(given, value, name)
        if name in self._keep:
            self.kept[name] = value
        return value


def _checked(
    given: NDArray[np.float32], instead_of: NDArray[np.float32], name: str
) -> NDArray[np.float32]:
    replacement = np.array(given, np.float32)
    if replacement.shape != instead_of.shape:
        raise UsageError(
            f"A hook gave {replacement.shape} for {name!r}, whose shape is {instead_of.shape}."
        )
    return replacement


def _matching(wish: str, names: list[str]) -> list[str]:
    found = [name for name in names if fnmatchcase(name, wish)]
    if not found:
        raise UsageError(
            f"This model has no activation {wish!r}.",
            "Such as layers.0.attention.pattern, layers.*.output or final.norm.",
        )
    return found
