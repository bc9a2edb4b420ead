"""A checkpoint's config.json: the shape of the decoder, and what a GGUF header says of it.

What the engine would compute differently from the configuration is refused by name; what it only
passes over, such as a window that it does not know in a family, is said.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.families import WINDOWS
from freehold.formats.gguf_types import ValueType
from freehold.formats.gguf_write import Entry
from freehold.formats.huggingface.families import Family, family_of_config
from freehold.formats.huggingface.parts import FEED_FORWARD, Dimensions, biased
from freehold.formats.huggingface.rope import Rope, read_rope, usual_magnitude

MOST = 1 << 31
_LAYERS = 512
_ACTIVATIONS = {"silu": {"silu", "swish"}, "gelu_pytorch_tanh": {"gelu_pytorch_tanh", "gelu_new"}}
_BY_WIDTH = {"gemma2": 46, "gemma3": 62}
"""Models of so many layers divide scores by another root, as the engine has it."""


class ConfigReader:
    """Numbers of a configuration, checked."""

    def __init__(self, config: Mapping[str, Any], label: str) -> None:
        self.config = config
        self.label = label
        self.family = family_of_config(config, label)

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number above zero."""
        value = self.config.get(key)
        if value is None:
            value = self.family.defaults.get(key, default)
        if value is None:
            raise FormatError(f"{self.label} does not say its {key}.")
        if type(value) is not int or not 0 < value < MOST:
            raise FormatError(f"{self.label} gives {str(value)[:40]} as its {key}.")
        return value

    def number(self, key: str) -> float:
        """A number above zero."""
        value = self.config.get(key)
        if value is None:
            value = self.family.defaults.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FormatError(f"{self.label} gives {str(value)[:40]} as its {key}.")
        if not math.isfinite(value) or value <= 0:
            raise FormatError(f"{self.label} gives {value} as its {key}.")
        return float(value)

    def given(self, key: str) -> Any:
        """Whatever is there."""
        return self.config.get(key, self.family.defaults.get(key))


def read_dimensions(read: ConfigReader, names: Collection[str]) -> Dimensions:
    """The shape that a configuration states, for tensors of these names."""
    family = read.family
    layers, heads = read.whole("num_hidden_layers"), read.whole("num_attention_heads")
    width = read.whole("hidden_size")
    if layers > _LAYERS:
        raise FormatError(f"{read.label} claims {layers:,} layers.")
    kv_heads = read.whole("num_key_value_heads", heads)
    head_width = read.whole("head_dim", width // heads or 1)
    if heads % kv_heads or head_width % 2:
        raise FormatError(
            f"{read.label} claims {heads} heads, {kv_heads} of keys and values, {head_width} wide, "
            "which cannot be."
        )
    return Dimensions(
        family=family,
        layers=layers,
        width=width,
        hidden=read.whole("intermediate_size"),
        heads=heads,
        kv_heads=kv_heads,
        head_width=head_width,
        vocabulary=read.whole("vocab_size"),
        tied=bool(read.given("tie_word_embeddings")),
        biases=_biases(read, biased(names, family, layers)),
    )


def config_entries(read: ConfigReader, dim: Dimensions, rope: Rope) -> Iterator[Entry]:
    """The metadata that says the network's shape. Raises UnsupportedModel, FormatError."""
    _check_same(read, dim, rope)
    at = dim.family.name
    wholes = {
        "context_length": read.whole("max_position_embeddings"),
        "embedding_length": dim.width,
        "block_count": dim.layers,
        "feed_forward_length": dim.hidden,
        "attention.head_count": dim.heads,
        "attention.head_count_kv": dim.kv_heads,
        "attention.key_length": dim.head_width,
        "attention.value_length": dim.head_width,
        "rope.dimension_count": turned_width(dim, rope),
        "vocab_size": dim.vocabulary,
    }
    if (window := window_of(read)) is not None:
        wholes["attention.sliding_window"] = window
    for key, value in wholes.items():
        yield Entry(f"{at}.{key}", ValueType.UINT32, value)
    numbers = {
        "attention.layer_norm_rms_epsilon": read.number("rms_norm_eps"),
        "rope.freq_base": rope.base,
    }
    if dim.family.name == "gemma2":
        numbers["attn_logit_softcapping"] = read.number("attn_logit_softcapping")
        numbers["final_logit_softcapping"] = read.number("final_logit_softcapping")
    if rope.window_base is not None and rope.window_base != 10_000.0:
        numbers["rope.freq_base_swa"] = rope.window_base
    for key, number in numbers.items():
        yield Entry(f"{at}.{key}", ValueType.FLOAT32, number)
    yield from _stretched(at, rope, read.whole("max_position_embeddings"))


def rope_of(read: ConfigReader) -> Rope:
    """How positions are told."""
    return read_rope(
        read.config, float(read.given("rope_theta")), read.whole("max_position_embeddings")
    )


def turned_width(dim: Dimensions, rope: Rope) -> int:
    """How many numbers of a head take part in telling positions."""
    return int(dim.head_width * rope.share)


def window_of(read: ConfigReader) -> int | None:
    """How far layers with a window look back; None where none has one."""
    if read.given("sliding_window") is None or read.config.get("use_sliding_window") is False:
        return None
    return read.whole("sliding_window")


def notes_on(read: ConfigReader) -> Iterator[str]:
    """What the engine passes over."""
    window = window_of(read)
    if window is None or read.family.name in WINDOWS:
        return
    if window < read.whole("max_position_embeddings"):
        yield (
            f"Its layers look back {window:,} tokens; run as a GGUF they look back to the "
            "beginning, so that longer texts are read differently."
        )


def _biases(read: ConfigReader, found: tuple[str, ...]) -> tuple[str, ...]:
    family = read.family
    allowed = (*family.biases, *(FEED_FORWARD if family.name == "llama" else ()))
    wanted: set[str] = set(family.biases) if family.always_biased else set()
    if family.biases and read.config.get("attention_bias"):
        wanted |= set(family.biases)
    if read.config.get("mlp_bias"):
        wanted |= set(FEED_FORWARD)
    if not set(found) <= set(allowed):
        part = min(set(found) - set(allowed))
        raise UnsupportedModel(f"{read.label}: a {family.name} model has no bias on {part}.")
    return tuple(name for name in (*allowed, *wanted) if name in wanted | set(found))


def _stretched(at: str, rope: Rope, context: int) -> Iterator[Entry]:
    """What a header says of stretched positions; Llama 3's way is a tensor."""
    if rope.kind in {"default", "llama3"}:
        return
    numbers: dict[str, float | None] = {}
    if rope.kind != "longrope":
        yield Entry(f"{at}.rope.scaling.type", ValueType.STRING, rope.kind)
        numbers["rope.scaling.factor"] = rope.factor
    usual = usual_magnitude(rope, context)
    if rope.kind == "longrope":
        numbers["rope.scaling.attn_factor"] = usual if rope.magnitude is None else rope.magnitude
    if rope.kind == "yarn":
        numbers["rope.scaling.yarn_beta_fast"] = rope.beta_fast
        numbers["rope.scaling.yarn_beta_slow"] = rope.beta_slow
        if rope.magnitude is not None and rope.magnitude != usual:
            numbers["rope.scaling.attn_factor"] = rope.magnitude / usual
    if rope.kind != "linear":
        key = f"{at}.rope.scaling.original_context_length"
        yield Entry(key, ValueType.UINT32, rope.original)
    for key, number in numbers.items():
        if number is not None:
            yield Entry(f"{at}.{key}", ValueType.FLOAT32, number)


def _check_same(read: ConfigReader, dim: Dimensions, rope: Rope) -> None:
    """Raise UnsupportedModel for what the engine would compute otherwise."""
    family, config = dim.family, read.config
    said = config.get("hidden_activation") or config.get("hidden_act")
    if said is not None and said not in _ACTIVATIONS[family.activation]:
        raise UnsupportedModel(f"{read.label} has the activation {str(said)[:40]!r}.")
    if rope.kind == "llama3" and (family.name != "llama" or rope.high <= rope.low):
        raise UnsupportedModel(f"{read.label} is a {family.name} with Llama 3's positions.")
    if rope.kind == "longrope" and (
        family.name != "phi3" or {len(rope.long), len(rope.short)} != {turned_width(dim, rope) // 2}
    ):
        raise UnsupportedModel(f"{read.label} has factors of positions for another shape.")
    if not 0 < rope.share <= 1 or (rope.share != 1 and family.name != "phi3"):
        raise UnsupportedModel(f"{read.label} turns {rope.share:g} of each head.")
    if family.name.startswith("gemma"):
        _check_gemma(read, dim)


def _check_gemma(read: ConfigReader, dim: Dimensions) -> None:
    compared = compared_width(dim)
    if read.number("query_pre_attn_scalar") != compared:
        raise UnsupportedModel(
            f"{read.label} divides scores by the root of {read.number('query_pre_attn_scalar'):g}, "
            f"where the engine would by that of {compared}."
        )
    if dim.family.name == "gemma3":
        for key in ("attn_logit_softcapping", "final_logit_softcapping"):
            if read.config.get(key) is not None:
                raise UnsupportedModel(f"{read.label} has {key}, which a gemma3 here has not.")
    if read.config.get("use_bidirectional_attention"):
        raise UnsupportedModel(f"{read.label} looks ahead: it makes vectors, not text.")
    kinds = read.config.get("layer_types")
    period = WINDOWS[dim.family.name].period
    if kinds is not None and kinds != layer_types(dim.family, dim.layers):
        raise UnsupportedModel(
            f"{read.label} has its windows in other layers than all but each {period}th."
        )
    pattern = read.config.get("sliding_window_pattern", period)
    if pattern != period:
        raise UnsupportedModel(f"{read.label} has windows in all but each {pattern}th layer.")


def compared_width(dim: Dimensions) -> int:
    """By whose root the engine divides a Gemma's scores."""
    by_width = dim.layers == _BY_WIDTH[dim.family.name]
    return dim.width // dim.heads if by_width else dim.head_width


def layer_types(family: Family, layers: int) -> list[str]:
    """Which layers have a window, in a configuration's words."""
    rule = WINDOWS.get(family.name)
    period = rule.period if rule is not None else None
    return [
        "sliding_attention" if period and (layer + 1) % period else "full_attention"
        for layer in range(layers)
    ]
