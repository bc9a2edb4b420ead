"""The shape of a model in the numbers that its memory and speed follow from.

A GGUF header gives one exactly (`shape_of`); a catalogue entry gives one from published figures.
It knows nothing of machines: what a shape costs on one is the device room's question.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WeightRole(StrEnum):
    """What a group of weights does for one token, and so how much of it is read."""

    EMBEDDING = "embedding"
    """One row for each token; when the model has no output matrix, this is it as well."""
    OUTPUT = "output"
    """Read whole for every answer token, and once for the last token of a prompt."""
    LAYER = "layer"
    """Read whole for every token."""
    EXPERT = "expert"
    """Read in the share `experts_used / experts`."""
    TABLE = "table"
    """A further embedding, such as one for each layer or position: one row for each token, and
    never an output matrix."""


@dataclass(frozen=True)
class WeightGroup:
    """Tensors of one role and one block type, added up."""

    role: WeightRole
    type: str
    """Block type, in ggml's words: Q4_K, F16."""
    tensors: int
    """How many matrices; vectors (norms, biases) are counted with their own type."""
    elements: int
    size: int
    """Bytes."""
    rows: int = 0
    """Of all its matrices together; 0 where that is not known."""


@dataclass(frozen=True)
class LayerShape:
    """One layer. A layer without attention (state-space, convolution) has `kv_heads` 0."""

    heads: int
    kv_heads: int
    key_width: int
    """Of one head."""
    value_width: int
    feed_forward_width: int
    """Of one expert where there are experts."""
    window: int | None = None
    """Tokens that it looks back; None sees the whole context."""
    cached: bool = True
    """Whether it keeps its keys and values. Embedding models keep none, and some layers read
    another layer's."""
    state: int = 0
    """Numbers (F32) that it keeps for each request, however long the context: of a state space, a
    convolution."""


@dataclass(frozen=True)
class ModelShape:
    """What predictions are made from."""

    architecture: str | None
    layers: tuple[LayerShape, ...]
    embedding_width: int
    vocabulary: int
    context_length: int | None
    """Tokens it was trained to see at once."""
    weights: tuple[WeightGroup, ...]
    experts: int = 0
    experts_used: int = 0
    merges: int | None = None
    """Pairs that a byte-pair vocabulary joins; 0 in other vocabularies, None where not known."""
    unknown: tuple[str, ...] = ()
    """What could not be known, in words, such as "how many heads share a cache"; predictions
    that need it say so."""

    @property
    def parameters(self) -> int:
        """How many weights there are."""
        return sum(group.elements for group in self.weights)

    @property
    def size(self) -> int:
        """Bytes of weights."""
        return sum(group.size for group in self.weights)

    @property
    def tied(self) -> bool:
        """Whether the embedding is the output matrix too."""
        return all(group.role is not WeightRole.OUTPUT for group in self.weights)
