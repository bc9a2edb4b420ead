"""A GGUF file as a folder that transformers loads: what is written, from where."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from freehold.errors import FormatError, UnsupportedModel, UsageError
from freehold.formats.blocks.dequantize import dequantize, supported
from freehold.formats.blocks.layout import Floats
from freehold.formats.blocks.quantize import quantize
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_cursor import quoted
from freehold.formats.gguf_facts import read_facts
from freehold.formats.gguf_lookup import text
from freehold.formats.gguf_types import TYPES_BY_NAME
from freehold.formats.huggingface.config_write import config_of, dimensions_of, rope_of_file
from freehold.formats.huggingface.families import family_of_config
from freehold.formats.huggingface.folder import CONFIG, INDEX
from freehold.formats.huggingface.parts import Dimensions, parts
from freehold.formats.huggingface.special import GENERATION, MORE_TEMPLATES, TEMPLATE
from freehold.formats.huggingface.stored import PLAIN, Stored, of_gguf
from freehold.formats.huggingface.tokenizer_write import tokenizer_files
from freehold.formats.huggingface.tokens import Tokens
from freehold.formats.huggingface.tokens_of_file import tokens_of
from freehold.formats.safetensors_write import NewSafeTensor, write_safetensors
from freehold.formats.strict_json import parse_object
from freehold.modify.convert import CONFIG_KEPT, KEPT
from freehold.modify.convert_numbers import PLAINLY, Move, Quickness, matched
from freehold.modify.recipe import Recipe
from freehold.progress import Task

_DTYPES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}
_SHARD = 5_000_000_000
"""Bytes of tensors in one file, as Hugging Face's library has it."""
_FACTORS = ("rope_freqs", "rope_factors_long", "rope_factors_short")
_RECIPE = "freehold_recipe.json"


@dataclass(frozen=True)
class FolderPlan:
    """A folder to be written."""

    files: Mapping[str, bytes]
    """Small ones."""
    shards: Mapping[str, Sequence[Move]]
    """Those of tensors."""
    notes: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes, about."""
        small = sum(len(data) for data in self.files.values())
        return small + sum(move.size for shard in self.shards.values() for move in shard)

    @property
    def read(self) -> int:
        """Bytes that are read."""
        return sum(move.stored.size for shard in self.shards.values() for move in shard)


def plan_folder(path: Path, header: GgufHeader, recipe: Recipe, dtype: str | None) -> FolderPlan:
    """What a file becomes, its numbers of the type `dtype`; without, as they are where all are
    plain numbers of one type, else F32, which loses nothing.

    Raises FormatError, UnsupportedModel, UsageError.
    """
    if dtype is not None and dtype not in PLAIN:
        raise UsageError(
            f"A checkpoint holds plain numbers, not {dtype}.", f"Choose one of {', '.join(PLAIN)}."
        )
    if header.byte_order != "little":
        raise UnsupportedModel(f"{header.label} is a big-endian GGUF.")
    dim = dimensions_of(header)
    stored = {tensor.name: of_gguf(path, tensor) for tensor in header.tensors}
    factors = {
        name: _vector(stored.pop(f"{name}.weight"))
        for name in _FACTORS
        if f"{name}.weight" in stored
    }
    found = matched(list(parts(dim)), stored, True, header.label)
    left = set(stored) - {part.ours for part, _ in found}
    if left:
        raise UnsupportedModel(
            f"{header.label} has the tensor {quoted(min(left))}, which a {dim.family.class_name} "
            "has no place for."
        )
    kind = dtype or _common_type([each for _, each in found])
    moves = [
        _move(
            Move(
                each,
                part.theirs,
                TYPES_BY_NAME[kind],
                None if part.turned is None else np.argsort(part.turned),
                -part.shift,
            )
        )
        for part, each in found
    ]
    kept = _kept(header)
    rope = rope_of_file(header, dim, factors, kept.get("config") or {})
    tokens = tokens_of(header)
    written = tokenizer_files(header, tokens, _table(kept, "tokenizer"))
    config = config_of(header, dim, rope, _DTYPES[kind])
    files = {
        CONFIG: _json({**_old_config(kept, dim), **config, **_ids(tokens)}),
        GENERATION: _json(_generation(_table(kept, "generation"), tokens)),
        **written.files,
        **_templates(header),
        "README.md": _card(header, recipe).encode(),
        _RECIPE: recipe.text().encode() + b"\n",
    }
    shards = _shards(moves)
    if len(shards) > 1:
        files[INDEX] = _index(shards)
    return FolderPlan(files, shards, written.notes)


def write_shard(file: BinaryIO, moves: Sequence[Move], task: Task, quick: Quickness) -> int:
    """Write one file of tensors."""
    new = [
        NewSafeTensor(
            move.name, move.stored.shape, move.type.name, partial(move.pieces, task, quick)
        )
        for move in moves
    ]
    return write_safetensors(file, new)


def _common_type(stored: Sequence[Stored]) -> str:
    kinds = {each.type.name for each in stored if len(each.shape) > 1}
    for each in stored:
        supported(each.type, f"Tensor {quoted(each.name)}")
    return kinds.pop() if len(kinds) == 1 and kinds <= set(PLAIN) else "F32"


def _move(move: Move) -> Move:
    """A vector stays F32 where the type for all would lose some of it."""
    if len(move.stored.shape) > 1 or move.type.name == "F32":
        return move
    numbers = move.numbers(PLAINLY)
    back = dequantize(quantize(numbers, move.type), move.type)
    if np.array_equal(numbers, back):
        return move
    return Move(move.stored, move.name, TYPES_BY_NAME["F32"], move.order, move.shift)


def _vector(stored: Stored) -> Floats:
    if stored.type.name != "F32" or len(stored.shape) != 1:
        raise FormatError(f"{quoted(stored.name)} is no row of F32 numbers.")
    row: Floats = next(dequantize(raw, stored.type) for raw in stored.strips())[0]
    return row


def _kept(header: GgufHeader) -> dict[str, Any]:
    said = text(header, KEPT)
    return {} if said is None else parse_object(said.encode(), f"{KEPT} of {header.label}")


def _table(kept: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = kept.get(key)
    return found if isinstance(found, dict) else {}


def _old_config(kept: Mapping[str, Any], dim: Dimensions) -> dict[str, Any]:
    """What a configuration said that no program computes with, if it was of this family."""
    said = _table(kept, "config")
    try:
        same = family_of_config(said, "It") == dim.family
    except UnsupportedModel:
        return {}
    return {key: said[key] for key in CONFIG_KEPT if key in said} if same else {}


def _ids(tokens: Tokens) -> dict[str, Any]:
    found: dict[str, Any] = {
        f"{role}_token_id": tokens.special[role]
        for role in ("bos", "eos", "pad")
        if role in tokens.special
    }
    return found


def _generation(old: Mapping[str, Any], tokens: Tokens) -> dict[str, Any]:
    """What ends an answer: as it was kept where that agrees, else as the file says."""
    ends = [tokens.special[role] for role in ("eos", "eot") if role in tokens.special]
    said = {**old, **_ids(tokens)}
    before = old.get("eos_token_id")
    if isinstance(before, list) and set(ends) <= set(before):
        said["eos_token_id"] = before
    elif len(ends) > 1:
        said["eos_token_id"] = ends
    return said


def _templates(header: GgufHeader) -> dict[str, bytes]:
    facts = read_facts(header)
    files = {}
    if facts.chat_template is not None:
        files[TEMPLATE] = facts.chat_template.encode()
    for name, template in facts.named_templates:
        if name != Path(name).name or not name:
            raise FormatError(f"{header.label} has a chat template called {name[:40]!r}.")
        files[f"{MORE_TEMPLATES}/{name}.jinja"] = template.encode()
    return files


def _shards(moves: Sequence[Move]) -> dict[str, list[Move]]:
    groups: list[list[Move]] = [[]]
    held = 0
    for move in moves:
        if groups[-1] and held + move.size > _SHARD:
            groups.append([])
            held = 0
        groups[-1].append(move)
        held += move.size
    if len(groups) == 1:
        return {"model.safetensors": groups[0]}
    count = len(groups)
    return {
        f"model-{number:05}-of-{count:05}.safetensors": group
        for number, group in enumerate(groups, 1)
    }


def _index(shards: Mapping[str, Sequence[Move]]) -> bytes:
    table = {move.name: name for name, shard in shards.items() for move in shard}
    total = sum(move.size for shard in shards.values() for move in shard)
    return _json({"metadata": {"total_size": total}, "weight_map": table})


def _card(header: GgufHeader, recipe: Recipe) -> str:
    """A README.md whose front matter has the licence and the lineage of the file."""
    origin = read_facts(header).origin
    front: dict[str, Any] = {
        "license": origin.licence,
        "license_name": origin.licence_name,
        "license_link": origin.licence_link,
        "language": list(origin.languages),
        "tags": list(origin.tags),
        "base_model": [
            f"{parent.organization}/{parent.name}"
            for parent in origin.base_models
            if parent.organization and parent.name
        ],
        "library_name": "transformers",
    }
    lines = [f"{key}: {json.dumps(value)}" for key, value in front.items() if value]
    made = ", ".join(f"{each.name} (SHA-256 {each.sha256})" for each in recipe.parents)
    name = text(header, "general.name") or "Model"
    return "\n".join(
        ("---", *lines, "---", "", f"# {name}", "",
         f"Converted from a GGUF file: {made}. `{_RECIPE}` says how.", "")
    )  # fmt: skip


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
