"""A checkpoint in Hugging Face's format as a GGUF file: what is written, from where."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, BinaryIO

import numpy as np

from freehold.errors import UnsupportedModel
from freehold.formats.gguf_cursor import quoted
from freehold.formats.gguf_types import (
    TYPES_BY_NAME,
    BlockType,
    ValueType,
    file_type_number,
    fitting_type,
)
from freehold.formats.gguf_write import Entry, NewTensor, float32_tensor, write_gguf
from freehold.formats.huggingface.card import (
    card_entries,
    card_of,
    lineage_entries,
    repository_of,
)
from freehold.formats.huggingface.config_read import (
    ConfigReader,
    config_entries,
    notes_on,
    read_dimensions,
    rope_of,
)
from freehold.formats.huggingface.folder import CONFIG, Checkpoint
from freehold.formats.huggingface.parts import Dimensions, Part, parts
from freehold.formats.huggingface.rope import Rope, llama3_factors
from freehold.formats.huggingface.special import GENERATION, template_entries
from freehold.formats.huggingface.stored import Stored
from freehold.formats.huggingface.tokenizer_read import ReadTokenizer, listed_tokens, read_tokenizer
from freehold.formats.huggingface.tokenizer_write import RIGHT_STRIPPED, skeleton
from freehold.formats.huggingface.tokens import entries_of_tokens
from freehold.modify.convert_numbers import PLAINLY, Move, Quickness, matched
from freehold.modify.recipe import Recipe, recipe_entries, replaced, without_local
from freehold.modify.writing import Target
from freehold.progress import SILENT, Progress

KEPT = "freehold.huggingface"
"""The metadata key under which stands, as JSON, what a GGUF file has no words for."""
CONFIG_KEPT = (
    "architectures", "model_type", "initializer_range", "attention_dropout", "use_cache",
    "bos_token_id", "eos_token_id", "pad_token_id", "pretraining_tp", "resid_pdrop", "embd_pdrop",
    "cache_implementation", "max_window_layers", "sliding_window",
)  # fmt: skip
ROPE_KEPT = ("rope_scaling", "rope_parameters", "rope_theta")
_PASSED_OVER = ("rotary_emb.inv_freq", "rotary_emb.cos_cached", "rotary_emb.sin_cached")
_F32 = TYPES_BY_NAME["F32"]


@dataclass(frozen=True)
class GgufPlan:
    """A file to be written."""

    entries: list[Entry]
    moves: tuple[Move, ...]
    more: tuple[NewTensor, ...]
    """Tensors that no checkpoint has."""
    notes: tuple[str, ...]
    """What the owner should know."""

    @property
    def size(self) -> int:
        """Bytes, but for the header."""
        return sum(move.size + 32 for move in self.moves)


def plan_gguf(checkpoint: Checkpoint, name: str, target: str | None, pre: str | None) -> GgufPlan:
    """What a checkpoint becomes, its matrices of the type `target` or as they are; no recipe yet.

    `pre` is llama.cpp's name for how text is cut, where it cannot be told. Nothing of a tensor is
    read. Raises FormatError, StorageError, UnsupportedModel, UsageError.
    """
    Target(target)  # raises for what cannot be written
    read = ConfigReader(checkpoint.config, str(checkpoint.folder / CONFIG))
    dim = read_dimensions(read, checkpoint.tensors)
    label = str(checkpoint.folder)
    found = matched(list(parts(dim)), checkpoint.tensors, False, label)
    _check_left({part.theirs for part, _ in found}, checkpoint, dim)
    rope = rope_of(read)
    shape = list(config_entries(read, dim, rope))
    tokenizer = read_tokenizer(checkpoint, dim.vocabulary, pre)
    moves = tuple(_move(part, stored, target) for part, stored in found)
    entries = [
        *_general(checkpoint, dim, _told(name, tokenizer), moves),
        *shape,
        *entries_of_tokens(tokenizer.tokens),
        *template_entries(checkpoint, tokenizer.settings),
        _kept(checkpoint, tokenizer),
    ]
    return GgufPlan(
        entries=entries,
        moves=moves,
        more=tuple(_rope_tensors(dim, rope)),
        notes=(*checkpoint.notes, *notes_on(read), *tokenizer.notes),
    )


def with_recipe(plan: GgufPlan, checkpoint: Checkpoint, recipe: Recipe) -> GgufPlan:
    """The same, saying how it was made and from what."""
    return replace(plan, entries=replaced(plan.entries, _lineage(checkpoint, recipe)))


def write_plan(
    file: BinaryIO, plan: GgufPlan, progress: Progress = SILENT, quick: Quickness = PLAINLY
) -> int:
    """Write the file and return how many bytes it has."""
    with progress.task("Converting", sum(move.stored.size for move in plan.moves)) as task:
        tensors = [
            NewTensor(
                move.name, move.stored.shape[::-1], move.type, partial(move.pieces, task, quick)
            )
            for move in plan.moves
        ]
        return write_gguf(file, plan.entries, [*plan.more, *tensors])


def _told(name: str, tokenizer: ReadTokenizer) -> str:
    """A model's name as the engine has to read it: by the word Phi-3 in it, and by nothing else,
    it knows that the spaces after marks are taken away.
    """
    strips = any(each.get("rstrip") is True for each in listed_tokens(tokenizer.document))
    known = any(word in name.lower() for word in RIGHT_STRIPPED)
    return f"{name} (Phi-3)" if strips and not known else name


def _move(part: Part, stored: Stored, target: str | None) -> Move:
    return Move(stored, part.ours, _type(stored, target), part.turned, part.shift)


def _type(stored: Stored, target: str | None) -> BlockType:
    """Matrices as asked or as they are; the engine has vectors in F32."""
    if len(stored.shape) < 2:
        return _F32
    return stored.type if target is None else fitting_type(target, stored.shape[-1])


def _check_left(used: set[str], checkpoint: Checkpoint, dim: Dimensions) -> None:
    for name in checkpoint.tensors:
        tied = dim.tied and name == "lm_head.weight"
        if name not in used and not tied and not name.endswith(_PASSED_OVER):
            raise UnsupportedModel(
                f"{checkpoint.folder} has the tensor {quoted(name)}, which a {dim.family.name} "
                "model has no place for.",
                "It is a variant that Freehold cannot convert.",
            )


def _rope_tensors(dim: Dimensions, rope: Rope) -> Iterator[NewTensor]:
    if rope.kind == "llama3":
        yield float32_tensor("rope_freqs.weight", llama3_factors(rope, dim.head_width))
    if rope.kind == "longrope":
        for name, factors in (("long", rope.long), ("short", rope.short)):
            numbers = np.array(factors, np.float32)
            yield float32_tensor(f"rope_factors_{name}.weight", numbers)


def _general(
    checkpoint: Checkpoint, dim: Dimensions, name: str, moves: tuple[Move, ...]
) -> Iterator[Entry]:
    yield Entry("general.architecture", ValueType.STRING, dim.family.name)
    yield Entry("general.type", ValueType.STRING, "model")
    yield Entry("general.name", ValueType.STRING, name)
    if (repository := repository_of(checkpoint)) is not None:
        owner = repository.partition("/")[0]
        yield Entry("general.organization", ValueType.STRING, owner)
    yield from card_entries(card_of(checkpoint))
    sizes: dict[str, int] = {}
    for move in moves:
        sizes[move.type.name] = sizes.get(move.type.name, 0) + move.size
    most = max(sizes, key=lambda kind: sizes[kind])
    if (number := file_type_number(most)) is not None:
        yield Entry("general.file_type", ValueType.UINT32, number)
    yield Entry("general.quantization_version", ValueType.UINT32, 2)


def _lineage(checkpoint: Checkpoint, recipe: Recipe) -> list[Entry]:
    """The recipe; and what it was made from, as the checkpoint's card says, else the checkpoint."""
    said = lineage_entries(card_of(checkpoint))
    own = recipe_entries(recipe)
    if said:
        own = [entry for entry in own if not entry.key.startswith("general.base_model.")]
    return [*own, *said]


def _kept(checkpoint: Checkpoint, tokenizer: ReadTokenizer) -> Entry:
    generation = checkpoint.document(GENERATION)
    config = checkpoint.config
    said: dict[str, Any] = {
        "config": {key: config[key] for key in CONFIG_KEPT + ROPE_KEPT if key in config},
        "generation": _plain(generation),
    }
    if tokenizer.document is not None:
        said["tokenizer"] = skeleton(tokenizer.document, tokenizer.tokens)
    return Entry(KEPT, ValueType.STRING, json.dumps(said, ensure_ascii=False))


def _plain(document: Mapping[str, Any] | None) -> dict[str, Any]:
    """Without what names a place on somebody's disk."""
    found = without_local(document or {})
    return found if isinstance(found, dict) else {}
