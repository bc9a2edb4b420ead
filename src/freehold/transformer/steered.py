"""A decoder with control vectors on it: every trace is pushed as the engine pushes its answers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from freehold.transformer.adapters import Scaled, steering_hooks
from freehold.transformer.hooks import Hook
from freehold.transformer.transformer import Transformer
from freehold.transformer.weights import Tensors


class SteeredTransformer(Transformer):
    """The pushes come first: hooks of a caller see, and may replace, what was pushed."""

    _pushes: Mapping[str, Hook] = MappingProxyType({})

    @classmethod
    def steered(cls, data: Tensors, vectors: Scaled, *, cache_bytes: int = 0) -> Self:
        """`Transformer.of`, with control vectors: GGUF files, each with its scale."""
        model = cls.of(data, cache_bytes=cache_bytes)
        model._pushes = steering_hooks(data.header, vectors)  # noqa: SLF001 - its own
        return model

    def _hooked(self, hooks: Mapping[str, Hook]) -> Mapping[str, Hook]:
        both = {
            name: _after(push, hooks[name]) for name, push in self._pushes.items() if name in hooks
        }
        return {**self._pushes, **hooks, **both}


def _after(push: Hook, hook: Hook) -> Hook:
    """One hook that pushes, and then does what the other does."""

    def chained(value: NDArray[np.float32], name: str) -> NDArray[np.float32] | None:
        pushed = push(value, name)
        seen = value if pushed is None else pushed
        given = hook(seen, name)
        return seen if given is None else given

    return chained
