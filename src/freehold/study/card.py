"""The card of a model: what it is, where its parameters and its bytes are, what it reads and knows.

It is made from headers alone, in the time it takes to read them: no tensor is loaded, and what a
header leaves out is left out here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from freehold.errors import FormatError
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_facts import GgufFacts, read_facts
from freehold.formats.gguf_lookup import array, integer, number, text
from freehold.formats.vocabulary import TokenKind
from freehold.study.parts import Part, layer_of, part_of
from freehold.study.template.facts import TemplateFacts, read_template
from freehold.study.weights_file import StoredTensor, WeightsFile

_SPECIAL = frozenset({TokenKind.CONTROL, TokenKind.USER_DEFINED})
"""Marks of the model's own, and words its makers added."""
MOST_SPECIALS = 4096
"""That are gathered; a vocabulary can have more, and the count says so."""


@dataclass(frozen=True)
class Share:
    """Tensors added up: of one part, or of one type."""

    name: str
    tensors: int
    elements: int
    size: int
    """Bytes."""

    @property
    def bits_per_weight(self) -> float:
        """Bits that one number takes, scales included."""
        return 8 * self.size / self.elements if self.elements else 0.0


@dataclass(frozen=True)
class LayerBytes:
    """What one layer takes, part by part; `layer` is None for all that is in none."""

    layer: int | None
    parts: tuple[Share, ...]


@dataclass(frozen=True)
class Rope:
    """How positions are told apart: rotary embedding."""

    base: float | None
    dimensions: int | None
    """Of a head's numbers, how many are turned."""
    scaling: str | None
    """How a longer context was reached: "linear", "yarn", "longrope"."""
    factor: float | None
    original_context: int | None
    """Tokens before the scaling."""


@dataclass(frozen=True)
class SpecialToken:
    """A token that is a mark rather than text. `role` is what the header says it is for."""

    id: int
    text: str
    role: str | None


@dataclass(frozen=True)
class Vocabulary:
    """What the header says of its tokens, beside `facts.tokenizer`."""

    specials: tuple[SpecialToken, ...]
    special_count: int
    merges: int | None
    """Pairs that a byte-pair vocabulary joins."""


@dataclass(frozen=True)
class Card:
    """What one model is."""

    name: str
    format: str
    files: tuple[tuple[str, int], ...]
    """Name and bytes of each."""
    header_size: int
    """Bytes that are no tensors: headers and padding between."""
    architecture: str | None
    parameters: int
    size: int
    """Bytes of all files."""
    parts: tuple[Share, ...]
    """Largest first."""
    types: tuple[Share, ...]
    layers: tuple[LayerBytes, ...]
    tied: bool
    """Whether the embedding is the output matrix too, as far as names tell."""
    facts: GgufFacts | None
    """None for safetensors, which has no more to say."""
    rope: Rope | None
    vocabulary: Vocabulary | None
    template: TemplateFacts | None
    template_trouble: str | None
    """Why the template could not be read, where it could not."""
    metadata: tuple[tuple[str, str], ...]
    """Of safetensors: its few texts."""

    @property
    def bits_per_weight(self) -> float:
        """Over all tensors, without headers."""
        size = sum(share.size for share in self.types)
        return 8 * size / self.parameters if self.parameters else 0.0


def card_of(weights: WeightsFile) -> Card:
    """Make the card of a model from its headers."""
    tensors, header = weights.tensors, weights.gguf
    facts = read_facts(header) if header is not None else None
    template, trouble = _template(facts)
    parts = _shares(tensors, lambda tensor: part_of(tensor.name))
    inside = sum(tensor.size for tensor in tensors)
    return Card(
        name=weights.name,
        format=weights.format,
        files=tuple(
            (path.name, each.file_size)
            for path, each in zip(weights.paths, weights.headers, strict=True)
        ),
        header_size=weights.size - inside,
        architecture=facts.architecture if facts is not None else None,
        parameters=sum(tensor.elements for tensor in tensors),
        size=weights.size,
        parts=parts,
        types=_shares(tensors, lambda tensor: tensor.type),
        layers=_layers(tensors),
        tied={Part.EMBEDDING, Part.OUTPUT} & {share.name for share in parts} == {Part.EMBEDDING},
        facts=facts,
        rope=None if header is None else _rope(header),
        vocabulary=None if header is None or facts is None else _vocabulary(header, facts),
        template=template,
        template_trouble=trouble,
        metadata=() if header is not None else _texts(weights),
    )


def _shares(
    tensors: Iterable[StoredTensor], key: Callable[[StoredTensor], str]
) -> tuple[Share, ...]:
    groups: dict[str, list[StoredTensor]] = {}
    for tensor in tensors:
        groups.setdefault(str(key(tensor)), []).append(tensor)
    found = (
        Share(
            name=name,
            tensors=len(group),
            elements=sum(tensor.elements for tensor in group),
            size=sum(tensor.size for tensor in group),
        )
        for name, group in groups.items()
    )
    return tuple(sorted(found, key=lambda share: share.size, reverse=True))


def _layers(tensors: tuple[StoredTensor, ...]) -> tuple[LayerBytes, ...]:
    """What is in no layer, then layer by layer."""
    groups: dict[int | None, list[StoredTensor]] = {}
    for tensor in tensors:
        groups.setdefault(layer_of(tensor.name), []).append(tensor)
    order = sorted(groups, key=lambda layer: -1 if layer is None else layer)
    return tuple(
        LayerBytes(layer, _shares(groups[layer], lambda tensor: part_of(tensor.name)))
        for layer in order
    )


def _template(facts: GgufFacts | None) -> tuple[TemplateFacts | None, str | None]:
    if facts is None or facts.chat_template is None:
        return None, None
    try:
        return read_template(facts.chat_template), None
    except FormatError as error:
        return None, error.message


def _rope(header: GgufHeader) -> Rope | None:
    prefix = f"{text(header, 'general.architecture') or 'unknown'}.rope"
    found = Rope(
        base=number(header, f"{prefix}.freq_base"),
        dimensions=integer(header, f"{prefix}.dimension_count"),
        scaling=text(header, f"{prefix}.scaling.type"),
        factor=number(header, f"{prefix}.scaling.factor"),
        original_context=integer(header, f"{prefix}.scaling.original_context_length"),
    )
    return None if found == Rope(None, None, None, None, None) else found


def _vocabulary(header: GgufHeader, facts: GgufFacts) -> Vocabulary | None:
    tokens, kinds = (array(header, f"tokenizer.ggml.{name}") for name in ("tokens", "token_type"))
    merges = array(header, "tokenizer.ggml.merges")
    if tokens is None:
        return None
    roles = _roles(facts)
    marks = {id_ for id_, kind in enumerate(kinds or ()) if kind in _SPECIAL}
    ids = sorted(id_ for id_ in {*marks, *roles} if id_ < len(tokens))
    return Vocabulary(
        specials=tuple(
            SpecialToken(id_, str(tokens[id_]), roles.get(id_))
            for id_ in islice(ids, MOST_SPECIALS)
        ),
        special_count=len(ids),
        merges=len(merges) if merges is not None else None,
    )


def _roles(facts: GgufFacts) -> dict[int, str]:
    """What tokens are for, as the header says; one token can have several roles."""
    said = facts.tokenizer
    named = (
        ("begins a text", said.bos),
        ("ends a text", said.eos),
        ("ends a turn", said.end_of_turn),
        ("unknown", said.unknown),
        ("separates", said.separator),
        ("pads", said.padding),
        ("masks", said.mask),
    )
    roles: dict[int, str] = {}
    for role, id_ in named:
        if id_ is not None:
            roles[id_] = f"{roles[id_]}, {role}" if id_ in roles else role
    return roles


def _texts(weights: WeightsFile) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for header in weights.headers:
        if not isinstance(header, GgufHeader):
            found.update(header.metadata)
    return tuple(found.items())
