"""How models are to be merged: a method, its parts, their parameters, as a file or an order says.

The file is the part of mergekit's YAML that says this for whole models: `merge_method`,
`base_model`, `models` with `weight` and `density`, `t`, `normalize`, `lambda`, `dtype`. What else
such a file can say (slices of layers, gradients, other methods) is refused by name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from freehold.errors import FormatError, UsageError

Method = Literal["linear", "slerp", "ties"]
METHODS: tuple[Method, ...] = ("linear", "slerp", "ties")
_TOP = {"merge_method", "base_model", "models", "parameters", "dtype", "out_dtype"}
_OF_ALL = {"t", "normalize", "lambda", "weight", "density"}
_OF_ONE = {"weight", "density"}
_TYPES = {"float16": "F16", "bfloat16": "BF16", "float32": "F32"}


@dataclass(frozen=True)
class Ingredient:
    """One model in a merge, by the name or path that it is asked for by."""

    model: str
    weight: float = 1.0
    density: float = 1.0


@dataclass(frozen=True)
class MergeOrder:
    """A merge of models, checked."""

    method: Method
    models: tuple[Ingredient, ...]
    base: str | None = None
    t: float = 0.5
    normalize: bool = True
    scale: float = 1.0
    """TIES: what the merged changes are multiplied by (`lambda`)."""
    type: str | None = None

    def __post_init__(self) -> None:
        names = [each.model for each in self.models]
        if len(names) < 2 and not (self.method == "ties" and names):
            raise UsageError("A merge needs two models.", "Such as: merge one:0.6 other:0.4")
        if len(set(names)) < len(names):
            raise UsageError("A model is named twice in a merge.")
        if self.method == "slerp" and (len(names) != 2 or not 0 <= self.t <= 1):
            raise UsageError(
                f"SLERP goes from one model to another, with t from 0 to 1: not {len(names)} "
                f"models at {self.t:g}."
            )
        if self.method == "ties" and (self.base is None or self.base in names):
            raise UsageError(
                "TIES needs the model that the others were made from, beside them.", "--base MODEL"
            )
        if not math.isfinite(self.scale):
            raise UsageError("lambda must be a number.")
        for each in self.models:
            if not math.isfinite(each.weight) or not 0 < each.density <= 1:
                raise UsageError(
                    f"{each.model} has weight {each.weight:g} and density {each.density:g}: a "
                    "density lies above 0, and is 1 at most."
                )
        if self.method == "linear" and self.normalize and not sum(e.weight for e in self.models):
            raise UsageError("The weights add up to nothing: they cannot be made to be 1.")


def read_order(text: str, label: str) -> MergeOrder:
    """A merge from a file's text. Raises FormatError, UsageError naming what is not understood."""
    said = _values(text, label)
    if not isinstance(said, dict):
        raise UsageError(f"{label} is no map with a merge_method.")
    _only(said, _TOP, label)
    method = said.get("merge_method")
    if method not in METHODS:
        raise UsageError(f"{label} asks for {method!r}: known are {', '.join(METHODS)}.")
    shared = _parameters(said, _OF_ALL, label)
    listed = said.get("models")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise UsageError(f"{label} has no list of models.")
    base = said.get("base_model")
    models = [_ingredient(each, shared, label) for each in listed]
    if method == "ties":  # mergekit lists the base among the models, without parameters
        models = [each for each in models if each.model != base]
    if method == "slerp" and base is not None:
        models.sort(key=lambda each: each.model != base)
    kind = said.get("out_dtype") or said.get("dtype")
    if kind is not None and kind not in _TYPES:
        raise UsageError(f"{label} asks for the type {kind!r}: known are {', '.join(_TYPES)}.")
    return MergeOrder(
        method=method,
        models=tuple(models),
        base=base if isinstance(base, str) else None,
        t=_number(shared, "t", 0.5, label),
        normalize=shared.get("normalize", True) is not False,
        scale=_number(shared, "lambda", 1.0, label),
        type=_TYPES[kind] if kind else None,
    )


def _values(text: str, label: str) -> Any:
    """What a YAML file says. Only plain values are made of it, whatever its tags ask for."""
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise FormatError(f"{label}{line} is not YAML: {error.problem}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FormatError(f"{label} is not YAML: {str(error).splitlines()[0]}.") from error


def _ingredient(said: Mapping[str, Any], shared: Mapping[str, Any], label: str) -> Ingredient:
    _only(said, {"model", "parameters"}, label)
    name = said.get("model")
    if not isinstance(name, str):
        raise UsageError(f"{label} has a model without a name.")
    own = {**shared, **_parameters(said, _OF_ONE, label)}
    weight, density = _number(own, "weight", 1.0, label), _number(own, "density", 1.0, label)
    return Ingredient(name, weight, density)


def _parameters(said: Mapping[str, Any], known: set[str], label: str) -> dict[str, Any]:
    found = said.get("parameters") or {}
    if not isinstance(found, dict):
        raise UsageError(f"{label} has parameters that are no map.")
    _only(found, known, label)
    return found


def _number(said: Mapping[str, Any], key: str, usual: float, label: str) -> float:
    value = said.get(key, usual)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(
            f"{label} has a {key} that is no single number: one for each layer, or for a part, is "
            "not understood here."
        )
    return float(value)


def _only(said: Mapping[str, Any], known: set[str], label: str) -> None:
    if strange := sorted(set(map(str, said)) - known):
        raise UsageError(
            f"{label} says {strange[0]!r}, which is not understood here.",
            f"Known are {', '.join(sorted(known))}.",
        )
