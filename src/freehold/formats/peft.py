"""Adapters as PEFT keeps them: a folder with `adapter_config.json` and `adapter_model.safetensors`.

They are read and written for a base model that is a GGUF file, whose header says how its rows are
ordered. What PEFT can do and a GGUF adapter cannot say is refused by name.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from freehold.errors import FormatError, StorageError, UnsupportedModel
from freehold.formats.blocks.dequantize import dequantize
from freehold.formats.blocks.layout import Floats
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import text
from freehold.formats.gguf_types import BLOCK_TYPES
from freehold.formats.lora import Lora, LowRank
from freehold.formats.peft_names import (
    check_family,
    our_name,
    their_name,
    to_our_rows,
    to_their_rows,
)
from freehold.formats.safetensors import SafeTensor, read_safetensors
from freehold.formats.safetensors_write import NewSafeTensor, write_safetensors
from freehold.formats.strict_json import parse_object

CONFIG, TENSORS = "adapter_config.json", "adapter_model.safetensors"
_REPOSITORY = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_LIMIT = 1_000_000
_READ = {
    block.name: block for block in BLOCK_TYPES.values() if block.name in {"BF16", "F16", "F32"}
}
"""Types of numbers, which have the same names in both formats."""
_REFUSED: Mapping[str, tuple[object, ...]] = {
    "use_dora": (None, False),
    "use_qalora": (None, False),
    "use_bdlora": (None, False),
    "bias": (None, "none"),
    "modules_to_save": (None, []),
    "fan_in_fan_out": (None, False),
    "trainable_token_indices": (None, []),
    "lora_bias": (None, False),
    "layer_replication": (None, []),
    "target_parameters": (None, []),
    "alora_invocation_tokens": (None,),
    "arrow_config": (None,),
    "kasa_config": (None,),
    "monteclora_config": (None,),
}
"""What PEFT can do beyond two thin matrices, and the values that mean it does not."""


@dataclass(frozen=True)
class _Strengths:
    """What each module's B @ A is multiplied by, as the configuration has it."""

    alpha: float
    rank: int
    alphas: Mapping[str, float]
    ranks: Mapping[str, int]
    by_root: bool

    def of(self, module: str) -> float:
        """Of one module, by its whole name."""
        alpha = float(_fitting(self.alphas, module, self.alpha))
        rank = int(_fitting(self.ranks, module, self.rank))
        return alpha / (math.sqrt(rank) if self.by_root else rank)


def read_peft(folder: Path, base: GgufHeader) -> Lora:
    """An adapter for the model whose header is `base`.

    Raises FormatError, StorageError, and UnsupportedModel for what a GGUF adapter cannot say.
    """
    check_family(base)
    config = _config(folder / CONFIG)
    strengths = _strengths(config, folder)
    sides: dict[str, dict[str, Floats]] = {}
    alpha = strengths.alpha
    header = read_safetensors(folder / TENSORS)
    with (folder / TENSORS).open("rb") as file:
        for tensor in header.tensors:
            name, side = our_name(tensor.name)
            file.seek(tensor.offset)
            matrix = _floats(tensor, file.read(tensor.size), header.label)
            if side == "B":  # one alpha has to do for all: the rest of each strength goes into B
                module = tensor.name.partition(".lora_")[0]
                matrix = matrix * np.float32(strengths.of(module) * matrix.shape[1] / alpha)
                matrix = to_our_rows(matrix, name, base)
            sides.setdefault(name, {})[side] = matrix
    named = config.get("base_model_name_or_path")
    return Lora(
        architecture=text(base, "general.architecture") or "",
        alpha=alpha,
        pairs=_pairs(sides, header.label),
        # A path of whoever made it is nobody's business.
        base_name=named if isinstance(named, str) and _REPOSITORY.fullmatch(named) else None,
    )


def peft_files(lora: Lora, base: GgufHeader) -> dict[str, bytes]:
    """The files of the folder, by name. Raises UnsupportedModel."""
    check_family(base)
    tensors: dict[str, Floats] = {}
    modules: set[str] = set()
    ranks: dict[str, int] = {}
    for name, pair in lora.pairs.items():
        module = their_name(name, lora.architecture)
        modules.add(module.rpartition(".")[2])
        ranks[module] = pair.rank
        b = pair.b if lora.alpha else pair.b * np.float32(pair.rank)
        key = f"base_model.model.{module}"
        tensors[f"{key}.lora_A.weight"] = pair.a
        tensors[f"{key}.lora_B.weight"] = to_their_rows(b, name, base)
    usual = max(ranks.values())
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": lora.base_name or text(base, "general.name") or "",
        "r": usual,
        "lora_alpha": lora.alpha or 1.0,
        "rank_pattern": {module: rank for module, rank in ranks.items() if rank != usual},
        "target_modules": sorted(modules),
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
    }
    return {
        CONFIG: json.dumps(config, indent=2, sort_keys=True).encode() + b"\n",
        TENSORS: _safetensors(tensors),
    }


def _config(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LIMIT:
            raise FormatError(f"{path} is no configuration of an adapter: it is too large.")
        data = path.read_bytes()
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read: {error.strerror}.",
            f"An adapter of PEFT's is a folder with {CONFIG} and {TENSORS}.",
        ) from error
    return parse_object(data, str(path))


def _strengths(config: Mapping[str, Any], folder: Path) -> _Strengths:
    if config.get("peft_type") != "LORA":
        raise UnsupportedModel(
            f"{folder} is an adapter of the kind {config.get('peft_type')}, and only LORA is known."
        )
    for key, harmless in _REFUSED.items():
        if config.get(key) not in harmless:
            raise UnsupportedModel(
                f"{folder} uses {key}, which an adapter in a GGUF file cannot say.",
                "Merge it where it was made, and convert the model.",
            )
    rank, alpha = config.get("r"), config.get("lora_alpha")
    if type(rank) is not int or rank < 1 or not isinstance(alpha, int | float) or not alpha > 0:
        raise FormatError(f"{folder / CONFIG} says no sound `r` and `lora_alpha`.")
    patterns = [config.get(key) or {} for key in ("alpha_pattern", "rank_pattern")]
    for pattern in patterns:
        if not isinstance(pattern, dict) or not all(
            isinstance(value, int | float) and value > 0 for value in pattern.values()
        ):
            raise FormatError(f"{folder / CONFIG} has a pattern of ranks or alphas that is none.")
    alphas, ranks = patterns
    return _Strengths(float(alpha), rank, alphas, ranks, bool(config.get("use_rslora")))


def _fitting(patterns: Mapping[str, Any], module: str, usual: Any) -> Any:
    """The value of the first pattern that a module's name ends in, as PEFT has it."""
    for pattern, value in patterns.items():
        if module == pattern or module.endswith(f".{pattern}"):
            return value
    return usual


def _pairs(sides: Mapping[str, Mapping[str, Floats]], label: str) -> dict[str, LowRank]:
    pairs: dict[str, LowRank] = {}
    for name, both in sorted(sides.items()):
        a, b = both.get("A"), both.get("B")
        if a is None or b is None or a.ndim != 2 or b.ndim != 2 or a.shape[0] != b.shape[1]:
            raise FormatError(f"{label} has no whole pair of matrices for {name}.")
        pairs[name] = LowRank(a, b)
    if not pairs:
        raise FormatError(f"{label} is an adapter that changes nothing.")
    return pairs


def _floats(tensor: SafeTensor, data: bytes, label: str) -> Floats:
    if tensor.dtype not in _READ:
        raise UnsupportedModel(f"{label} has {tensor.name!r} of type {tensor.dtype}.")
    raw = np.frombuffer(data, np.uint8).reshape(1, -1)
    return dequantize(raw, _READ[tensor.dtype]).reshape(tensor.shape)


def _safetensors(tensors: Mapping[str, Floats]) -> bytes:
    """A whole file: names in order, float32."""
    out = io.BytesIO()
    new = [
        NewSafeTensor(name, numbers.shape, "F32", partial(_bytes_of, numbers))
        for name, numbers in sorted(tensors.items())
    ]
    write_safetensors(out, new)
    return out.getvalue()


def _bytes_of(numbers: Floats) -> tuple[bytes]:
    return (np.ascontiguousarray(numbers, "<f4").tobytes(),)
