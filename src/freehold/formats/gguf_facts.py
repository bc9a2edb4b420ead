"""What a model is, from its header: its shape, its weights, its vocabulary, where it comes from.

All of this is what the file says of itself: nothing is guessed from its name, and nothing is
checked against the tensors except the counts that come from them. A fact that is missing, or that
the file gives in a type it should not have, is None. Text comes as it is in the file: whoever
shows it takes care of control characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from freehold.formats.gguf import GgufHeader, TensorInfo
from freehold.formats.gguf_lookup import array, flag, integer, number, per_layer, text, texts
from freehold.formats.gguf_origin import Origin, read_origin
from freehold.formats.gguf_types import FILE_TYPES, GUESSED_FILE_TYPE

PerLayer = int | tuple[int, ...] | None
"""One number for every layer, one for each, or unknown."""


@dataclass(frozen=True)
class Network:
    """The shape of the network. Widths and lengths are in numbers, not bytes."""

    context_length: int | None
    """Tokens it was trained to see at once."""
    layers: int | None
    embedding_width: int | None
    feed_forward_width: PerLayer
    heads: PerLayer
    kv_heads: PerLayer
    """As many as `heads` where the file does not say."""
    key_width: int | None
    """Of one head; embedding width over heads where the file does not say."""
    value_width: int | None
    sliding_window: int | None
    """Tokens that a layer with a window looks back; None where every layer sees everything."""
    sliding_pattern: PerLayer
    """Which layers have it, where the file says: every n-th has not, or 1 and 0 for each."""
    experts: int | None
    experts_used: int | None
    """For each token."""
    rope_base: float | None


@dataclass(frozen=True)
class TypeShare:
    """The part of a model's weights that is packed one way."""

    type: str
    tensors: int
    elements: int
    size: int
    """Bytes."""


@dataclass(frozen=True)
class Weights:
    """What the tensors add up to. Of a split model: of the parts that were given."""

    parameters: int
    size: int
    """Bytes of tensors, without the header and the gaps."""
    quantization: str | None
    """In the usual words: the file's recipe ("Q4_K_M"), else the type of most weights."""
    shares: tuple[TypeShare, ...]
    """Largest first."""

    @property
    def bits_per_weight(self) -> float | None:
        """Over all tensors; None without any."""
        return 8 * self.size / self.parameters if self.parameters else None


@dataclass(frozen=True)
class Tokenizer:
    """How text becomes tokens. Ids are positions in the vocabulary."""

    model: str | None
    """The algorithm: "gpt2" (byte-level BPE), "llama" (SentencePiece), "bert" (WordPiece)…"""
    pre: str | None
    """How text is cut before it."""
    vocabulary: int | None
    """Tokens in it."""
    bos: int | None
    eos: int | None
    end_of_turn: int | None
    unknown: int | None
    separator: int | None
    padding: int | None
    mask: int | None
    add_bos: bool | None
    add_eos: bool | None


@dataclass(frozen=True)
class GgufFacts:
    """What one GGUF model is."""

    kind: str
    """"model" unless the file says "adapter", "mmproj", "imatrix" or another."""
    architecture: str | None
    name: str | None
    network: Network
    weights: Weights
    tokenizer: Tokenizer
    chat_template: str | None
    """The Jinja text as it is in the file."""
    named_templates: tuple[tuple[str, str], ...]
    """Further templates and what they are for, such as ("tool_use", …)."""
    origin: Origin


def at_layer(values: PerLayer, layer: int) -> int | None:
    """One layer's number out of `heads`, `kv_heads` or `feed_forward_width`."""
    if not isinstance(values, tuple):
        return values
    return values[layer] if 0 <= layer < len(values) else None


def read_facts(header: GgufHeader, *other_parts: GgufHeader) -> GgufFacts:
    """Gather the facts. A split model's first part says them; the others only add tensors."""
    tensors = [tensor for part in (header, *other_parts) for tensor in part.tensors]
    return GgufFacts(
        kind=text(header, "general.type") or "model",
        architecture=text(header, "general.architecture"),
        name=text(header, "general.name"),
        network=_network(header),
        weights=_weights(header, tensors),
        tokenizer=_tokenizer(header),
        chat_template=text(header, "tokenizer.chat_template"),
        named_templates=_named_templates(header),
        origin=read_origin(header),
    )


def _network(header: GgufHeader) -> Network:
    prefix = text(header, "general.architecture") or "unknown"
    width = integer(header, f"{prefix}.embedding_length")
    heads = per_layer(header, f"{prefix}.attention.head_count")
    kv_heads = per_layer(header, f"{prefix}.attention.head_count_kv")
    most = max(heads) if isinstance(heads, tuple) else heads
    head_width = width // most if width and most else None
    key_width = integer(header, f"{prefix}.attention.key_length")
    value_width = integer(header, f"{prefix}.attention.value_length")
    return Network(
        context_length=integer(header, f"{prefix}.context_length"),
        layers=integer(header, f"{prefix}.block_count"),
        embedding_width=width,
        feed_forward_width=per_layer(header, f"{prefix}.feed_forward_length"),
        heads=heads,
        kv_heads=heads if kv_heads is None else kv_heads,
        key_width=head_width if key_width is None else key_width,
        value_width=head_width if value_width is None else value_width,
        sliding_window=integer(header, f"{prefix}.attention.sliding_window") or None,
        sliding_pattern=per_layer(header, f"{prefix}.attention.sliding_window_pattern"),
        experts=integer(header, f"{prefix}.expert_count") or None,
        experts_used=integer(header, f"{prefix}.expert_used_count") or None,
        rope_base=number(header, f"{prefix}.rope.freq_base"),
    )


def _weights(header: GgufHeader, tensors: Sequence[TensorInfo]) -> Weights:
    by_type: dict[str, list[TensorInfo]] = {}
    for tensor in tensors:
        by_type.setdefault(tensor.type.name, []).append(tensor)
    shares = sorted(
        (
            TypeShare(
                type=name,
                tensors=len(group),
                elements=sum(tensor.elements for tensor in group),
                size=sum(tensor.size for tensor in group),
            )
            for name, group in by_type.items()
        ),
        key=lambda share: share.elements,
        reverse=True,
    )
    file_type = integer(header, "general.file_type")
    recipe = None if file_type is None else FILE_TYPES.get(file_type & ~GUESSED_FILE_TYPE)
    return Weights(
        parameters=sum(share.elements for share in shares),
        size=sum(share.size for share in shares),
        quantization=recipe or (shares[0].type if shares else None),
        shares=tuple(shares),
    )


def _tokenizer(header: GgufHeader) -> Tokenizer:
    tokens = array(header, "tokenizer.ggml.tokens")
    architecture = text(header, "general.architecture")

    def token(name: str) -> int | None:
        return integer(header, f"tokenizer.ggml.{name}_token_id")

    return Tokenizer(
        model=text(header, "tokenizer.ggml.model"),
        pre=text(header, "tokenizer.ggml.pre"),
        vocabulary=integer(header, f"{architecture}.vocab_size") if tokens is None else len(tokens),
        bos=token("bos"),
        eos=token("eos"),
        end_of_turn=token("eot"),
        unknown=token("unknown"),
        separator=token("seperator"),  # spelled so in the format
        padding=token("padding"),
        mask=token("mask"),
        add_bos=flag(header, "tokenizer.ggml.add_bos_token"),
        add_eos=flag(header, "tokenizer.ggml.add_eos_token"),
    )


def _named_templates(header: GgufHeader) -> tuple[tuple[str, str], ...]:
    found = (
        (name, text(header, f"tokenizer.chat_template.{name}"))
        for name in texts(header, "tokenizer.chat_templates")
    )
    return tuple((name, template) for name, template in found if template is not None)
