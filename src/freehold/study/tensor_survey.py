"""The statistics of many tensors of a model: which are meant, and what stands out among them."""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.errors import NotFound, UnsupportedModel
from freehold.formats.gguf import GgufHeader
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.study.tensor_stats import TensorStats
    from freehold.study.weights_file import WeightsFile

_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class TensorSurvey:
    """What was looked through, and what stands out."""

    name: str
    tensors: tuple[TensorStats, ...]
    """Layer by layer."""

    @property
    def broken(self) -> tuple[TensorStats, ...]:
        """Those with values that are infinite or no numbers."""
        return tuple(each for each in self.tensors if each.not_finite)

    @property
    def with_dead_rows(self) -> tuple[TensorStats, ...]:
        """Those with rows that are all zeros, most first."""
        found = (each for each in self.tensors if each.dead_row_count)
        return tuple(sorted(found, key=lambda each: each.dead_row_count, reverse=True))

    @property
    def with_outliers(self) -> tuple[TensorStats, ...]:
        """Those with outliers, by the share of their values, most first."""
        found = (each for each in self.tensors if each.outliers)
        return tuple(sorted(found, key=lambda each: each.outliers / each.elements, reverse=True))


def survey(
    weights: WeightsFile, pattern: str | None = None, progress: Progress = SILENT
) -> TensorSurvey:
    """Look through the tensors whose names fit `pattern`, or through all.

    A pattern with `*`, `?` or `[` fits a whole name; one without is a part of it, unless it is a
    name itself. Raises NotFound where none fits, UnsupportedModel for weights that cannot be read.
    """
    from freehold.formats.tensor_data import TensorData
    from freehold.study.tensor_stats import tensor_stats

    headers = [header for header in weights.headers if isinstance(header, GgufHeader)]
    if not headers:
        raise UnsupportedModel(
            f"{weights.name} is safetensors; the values of GGUF files alone are looked at.",
            "Its names, shapes and types: freehold study card",
        )
    names = [tensor.name for header in headers for tensor in header.tensors]
    chosen = frozenset(_fitting(names, pattern, weights.name))
    total = sum(each.size for header in headers for each in header.tensors if each.name in chosen)
    found: list[TensorStats] = []
    with progress.task(f"Looking through {weights.name}", total) as task:
        for path in weights.paths:
            with TensorData.open(path) as data:
                for tensor in data.header.tensors:
                    if tensor.name in chosen:
                        found.append(tensor_stats(data, tensor))
                        task.advance(tensor.size)
    return TensorSurvey(weights.name, tuple(sorted(found, key=lambda each: layer_order(each.name))))


def layer_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts `blk.2` before `blk.10`, and what is in no layer first."""
    parts = re.split(r"(\d+)", name)
    first = (1 if name.startswith("blk.") else 0, 0, "")
    numbered = (
        (1, int(part[:18]), "") if part.isdecimal() and part.isascii() else (0, 0, part)
        for part in parts
    )
    return (first, *numbered)


def _fitting(names: Sequence[str], pattern: str | None, model: str) -> list[str]:
    if pattern is None:
        return list(names)
    if pattern in names:
        return [pattern]
    if _WILD.search(pattern):
        found = fnmatch.filter(names, pattern)
    else:
        found = [name for name in names if pattern in name]
    if not found:
        near = difflib.get_close_matches(pattern, names, n=3)
        hint = (
            f"Near it: {', '.join(near)}."
            if near
            else f"They are listed by: freehold study tensors {model}"
        )
        raise NotFound(f"No tensor of {model} is called {pattern!r}.", hint)
    return found
