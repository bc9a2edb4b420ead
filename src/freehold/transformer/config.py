"""The numbers of one decoder, from the header of its file."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import integer, number, text
from freehold.formats.model_shape import LayerShape
from freehold.formats.shape_of import shape_of
from freehold.transformer.families import Family, WindowRope, family_of
from freehold.transformer.rope import RopeSettings


@dataclass(frozen=True)
class TransformerConfig:
    """One decoder. Widths are in numbers, lengths in tokens."""

    family: str
    layers: int
    width: int
    """Of the residual stream."""
    heads: int
    kv_heads: int
    """Of keys and values; `heads` / `kv_heads` query heads share each (Ainslie et al., 2023)."""
    head_width: int
    hidden: int
    """Width inside the feed-forward part."""
    vocabulary: int
    context: int
    """Tokens it was made to see at once."""
    epsilon: float
    """Of the norms."""
    windows: tuple[int | None, ...]
    """For each layer: tokens that a position sees, itself included; None: all before it."""
    attention_scale: float
    """What a query times a key is multiplied by."""
    attention_cap: float | None
    logit_cap: float | None
    embedding_scale: float
    tied: bool
    """The embedding is the output matrix too."""
    rope: RopeSettings
    window_rope: RopeSettings
    """Of layers with a window."""
    differences: Family
    """What this family does differently."""

    def rope_of(self, layer: int) -> RopeSettings:
        """How a layer turns its queries and keys."""
        return self.rope if self.windows[layer] is None else self.window_rope


def read_config(header: GgufHeader) -> TransformerConfig:
    """The configuration that a header states.

    Raises UnsupportedModel for a family that is not in the table or an unusual kind of one, and
    FormatError where a needed number is missing or cannot be.
    """
    name = text(header, "general.architecture")
    family = family_of(name, header.label)
    shape = shape_of(header)
    _refuse(header, shape.experts)
    first = _same_everywhere(header, shape.layers)
    read = _Reader(header, name or "")
    rope = _rope(read, family, first.key_width)
    by_width = len(shape.layers) == family.query_width_layers
    compared = shape.embedding_width // first.heads if by_width else first.key_width
    return TransformerConfig(
        family=name or "",
        layers=len(shape.layers),
        width=_positive(header, "embedding_length", shape.embedding_width),
        heads=first.heads,
        kv_heads=first.kv_heads,
        head_width=first.key_width,
        hidden=_positive(header, "feed_forward_length", first.feed_forward_width),
        vocabulary=_positive(header, "vocab_size", shape.vocabulary),
        context=_positive(header, "context_length", shape.context_length or 0),
        epsilon=read.number("attention.layer_norm_rms_epsilon", None),
        windows=tuple(layer.window for layer in shape.layers),
        attention_scale=1 / math.sqrt(_positive(header, "attention.head_count", compared)),
        attention_cap=read.cap("attn_logit_softcapping", family.attention_cap),
        logit_cap=read.cap("final_logit_softcapping", family.logit_cap),
        embedding_scale=math.sqrt(shape.embedding_width) if family.scaled_embedding else 1.0,
        tied=shape.tied,
        rope=rope,
        window_rope=_window_rope(read, family, rope),
        differences=family,
    )


class _Reader:
    """Numbers by their keys, without the family's name before them."""

    def __init__(self, header: GgufHeader, prefix: str) -> None:
        self._header = header
        self._prefix = prefix

    def number(self, key: str, default: float | None) -> float:
        found = number(self._header, f"{self._prefix}.{key}")
        if found is None:
            found = default
        if found is None or not math.isfinite(found) or found <= 0:
            raise _wrong(self._header, f"{self._prefix}.{key}", found)
        return found

    def cap(self, key: str, default: float | None) -> float | None:
        """None where the family has none."""
        return None if default is None else self.number(key, default)

    def given(self, key: str) -> float | None:
        return number(self._header, f"{self._prefix}.{key}")

    def whole(self, key: str, default: int) -> int:
        found = integer(self._header, f"{self._prefix}.{key}")
        return default if found is None else found

    def word(self, key: str) -> str | None:
        return text(self._header, f"{self._prefix}.{key}")


def _rope(read: _Reader, family: Family, head_width: int) -> RopeSettings:
    width = read.whole("rope.dimension_count", head_width)
    kind = read.word("rope.scaling.type") or "linear"
    # Zero is how some files say that there is none.
    stretch = read.given("rope.scaling.factor") or read.given("rope.scale_linear") or 1.0
    known = kind in {"none", "linear", "yarn", "longrope"} and 0 < stretch < math.inf
    base = read.number("rope.freq_base", 10_000.0)
    if not known or width % 2 or not 0 < width <= head_width or base <= 1:
        raise UnsupportedModel(
            f"This model's rotary positions ({kind}, {width} of {head_width} numbers of a head) "
            "are none that Freehold knows.",
        )
    return RopeSettings(
        width=width,
        interleaved=family.interleaved_rope,
        base=base,
        stretch=1.0 if kind == "none" else stretch,
        yarn=kind == "yarn",
        yarn_fast=read.number("rope.scaling.yarn_beta_fast", 32.0),
        yarn_slow=read.number("rope.scaling.yarn_beta_slow", 1.0),
        original_context=read.whole("rope.scaling.original_context_length", 0)
        or read.whole("context_length", 0),
        magnitude=read.number("rope.scaling.attn_factor", 1.0),
    )


def _window_rope(read: _Reader, family: Family, rope: RopeSettings) -> RopeSettings:
    if family.window_rope is WindowRope.SAME:
        return replace(rope, base=read.number("rope.freq_base_swa", rope.base))
    plain = replace(rope, stretch=1.0, yarn=False, magnitude=1.0)
    if family.window_rope is WindowRope.UNSTRETCHED:
        return plain
    return replace(plain, base=read.number("rope.freq_base_swa", family.window_base))


def _refuse(header: GgufHeader, experts: int) -> None:
    if experts:
        raise UnsupportedModel(
            f"{header.label} is a mixture of {experts} experts, which Freehold cannot open up yet.",
            "Choose a model without experts; `freehold study card` shows this one's shape.",
        )
    if (integer(header, "split.count") or 1) > 1:
        raise UnsupportedModel(
            f"{header.label} is one part of a split model, and all parts are needed.",
            "`freehold study` opens them all; TensorData.open_parts does so in Python.",
        )


def _same_everywhere(header: GgufHeader, layers: tuple[LayerShape, ...]) -> LayerShape:
    """The shape that all layers have, windows aside."""
    if not layers:
        raise FormatError(f"{header.label} does not say how many layers it has.")
    first = replace(layers[0], window=None)
    if any(replace(layer, window=None) != first for layer in layers):
        raise UnsupportedModel(f"{header.label} has layers of different shapes.")
    if first.key_width != first.value_width:
        raise UnsupportedModel(f"{header.label} has keys and values of different widths.")
    if not first.kv_heads or not first.key_width or first.heads % first.kv_heads:
        raise FormatError(
            f"{header.label} says it has {first.heads} heads, {first.kv_heads} of keys and values, "
            f"{first.key_width} wide, which cannot be.",
            "It may be damaged: `freehold verify` tells.",
        )
    return first


def _positive(header: GgufHeader, key: str, value: int) -> int:
    if value <= 0:
        raise _wrong(header, key, None)
    return value


def _wrong(header: GgufHeader, key: str, value: float | None) -> FormatError:
    what = "does not say" if value is None else f"gives as {value}"
    return FormatError(
        f"{header.label} {what} its {key}, which must be more than zero.",
        "It may be damaged: `freehold verify` tells.",
    )
