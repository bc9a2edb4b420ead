"""What the catalogue says of one model: published figures, each with where it was read.

Nothing here is measured or guessed. What was not found is None or left out. Widths are numbers of
values, parameters are counts, sizes are bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Task(StrEnum):
    """What people use a model for."""

    CHAT = "chat"
    CODE = "code"
    REASONING = "reasoning"
    """It thinks aloud before it answers."""
    VISION = "vision"
    """It takes pictures."""
    EMBEDDING = "embedding"
    RERANK = "rerank"
    SPEECH = "speech"
    """It takes spoken words."""


class Mixer(StrEnum):
    """What a layer does that does not attend; it keeps a small state in place of a cache."""

    CONVOLUTION = "convolution"
    """Short gated convolutions (LFM2)."""
    DELTA = "delta"
    """Gated delta rule (Qwen3-Next, Qwen3.5)."""
    MAMBA = "mamba"
    """Mamba 2 (Granite 4 H)."""


@dataclass(frozen=True)
class Source:
    """Where a figure was read."""

    id: str
    title: str
    url: str
    """An address, or `pypi:PACKAGE==VERSION`."""
    read: date


@dataclass(frozen=True)
class LicenceClaim:
    """The licence as the maker states it, and what kind it is in the store's three words."""

    name: str
    """SPDX identifier where there is one."""
    kind: str
    url: str | None = None
    """Where the text is, for a licence that SPDX does not list."""


@dataclass(frozen=True)
class Quality:
    """One public figure: `value` points in `benchmark`, measured as `setting` says."""

    benchmark: str
    value: float
    source: str
    setting: str | None = None
    """Shots, mode, language; None where the source does not say."""


@dataclass(frozen=True)
class PublishedFile:
    """The size of one file that somebody published; predictions are held against it."""

    quantization: str
    size: int
    source: str


@dataclass(frozen=True)
class Experts:
    """Feed-forward parts of which a token uses a few."""

    count: int
    used: int
    width: int
    """Feed-forward width of one."""
    shared_width: int = 0
    """Feed-forward width of the part that every token uses beside them."""
    dense_layers: int = 0
    """First layers that have one plain feed-forward part in place of experts."""


@dataclass(frozen=True)
class LatentAttention:
    """Keys and values kept as one compressed vector (multi-head latent attention)."""

    cache_width: int
    """Of the compressed vector, without positions."""
    position_width: int
    """Of the part of each key that carries the position; one for all heads."""
    key_width: int
    """Of the other part, of one head."""
    value_width: int
    query_width: int | None = None
    """Queries are compressed to this; None where they are not."""


@dataclass(frozen=True)
class Hybrid:
    """Layers of two kinds. Those that attend are every `attend_every`th, or are listed."""

    mixer: Mixer
    attend_every: int | None = None
    attend_at: tuple[int, ...] = ()
    convolution: int = 4
    """Tokens that the short convolution looks back."""
    state_width: int = 0
    key_heads: int = 0
    """Delta rule: heads of keys. Mamba: groups."""
    value_heads: int = 0
    """Delta rule: heads of values. Mamba: heads."""
    inner_width: int = 0
    """Mamba: width of the state-space part."""

    def attends(self, layer: int) -> bool:
        """Whether this layer has a cache that grows with the context."""
        if self.attend_every is not None:
            return (layer + 1) % self.attend_every == 0
        return layer in self.attend_at


@dataclass(frozen=True)
class Shape:
    """The numbers of a configuration file, in the catalogue's words."""

    layers: int
    embedding_width: int
    feed_forward_width: int
    heads: int
    kv_heads: int
    head_width: int
    vocabulary: int
    context: int
    """Tokens it was trained or extended to see at once."""
    tied: bool = False
    """The embedding is the output matrix too. Models without an output matrix say so as well."""
    gated: bool = True
    """Three feed-forward matrices; two where not."""
    fused: bool = False
    """Queries, keys and values are one matrix in the file."""
    gated_query: bool = False
    """Queries come with a gate of the same width."""
    positions: int = 0
    """Learned positions, in models that have them."""
    window: int | None = None
    """Tokens that the layers with a window look back."""
    full_every: int | None = None
    """Every this many layers one sees the whole context."""
    full_first: bool = False
    """That one is the first of each group, not the last."""
    full_kv_heads: int | None = None
    """Of the layers that see the whole context, where they differ."""
    full_head_width: int | None = None
    full_keys_only: bool = False
    """Those layers use their keys as values."""
    borrowed_caches: int = 0
    """Last layers that read the caches of earlier ones."""
    borrowed_width: int | None = None
    """Feed-forward width of those layers, where it differs."""
    layer_embedding_width: int = 0
    """Values that every layer adds for each token of the vocabulary (Gemma 3n and 4 E)."""
    experts: Experts | None = None
    latent: LatentAttention | None = None
    hybrid: Hybrid | None = None

    def sees_all(self, layer: int) -> bool:
        """Whether this layer's cache holds the whole context."""
        if self.window is None:
            return True
        if self.full_every is None:
            return False
        return layer % self.full_every == (0 if self.full_first else self.full_every - 1)


@dataclass(frozen=True)
class CatalogueEntry:
    """One model that people want."""

    id: str
    title: str
    maker: str
    architecture: str
    """llama.cpp's name; `whisper` is whisper.cpp's."""
    release: str
    """Year and month."""
    parameters: int
    """As published, all parts counted."""
    licence: LicenceClaim
    tasks: tuple[Task, ...]
    sources: tuple[str, ...]
    """References to files that can be fetched, the most useful first."""
    shape: Shape | None
    """None where the engine's rules for it are not known; see `missing`."""
    shape_sources: tuple[str, ...]
    active_parameters: int | None = None
    """Used for one token, as the maker states it."""
    beside: int = 0
    """Parameters of `parameters` that the model's file does not hold: picture and sound encoders
    (a second file), layers that only guess ahead."""
    beside_what: str | None = None
    languages: tuple[str, ...] = ()
    """ISO 639 codes as the maker lists them; empty where unknown."""
    quality: tuple[Quality, ...] = ()
    files: tuple[PublishedFile, ...] = ()
    missing: str | None = None
    """What is not known, in words."""
