"""Two models, compared in all ways that they can be; and what could not be compared, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_facts import read_facts
from freehold.progress import SILENT, Progress
from freehold.study.compare.behaviour import PROMPTS, Behaviour, compare_behaviour
from freehold.study.compare.lineage import named_bases
from freehold.study.compare.metadata import MetadataComparison, compare_metadata
from freehold.study.compare.weights import WeightComparison, compare_weights

if TYPE_CHECKING:
    from freehold.study.kl import Kl
    from freehold.study.subject import Subject
    from freehold.study.weights_file import WeightsFile

_MOST_TEXT = 4000
"""Characters that the expectations of both are compared on."""
_WINDOW = 256
"""Tokens of them that are read at once."""


@dataclass(frozen=True)
class Side:
    """One of the two."""

    name: str
    architecture: str | None
    parameters: int
    size: int
    """Bytes of its files."""
    quantization: str | None


@dataclass(frozen=True)
class CompareChoices:
    """What is to be compared beside the headers."""

    weights: bool = True
    behaviour: bool = True
    prompts: tuple[str, ...] = PROMPTS
    tokens: int = 48
    """The most of each answer."""


@dataclass(frozen=True)
class Comparison:
    """All that was compared; None for what was not asked for or cannot be."""

    first: Side
    second: Side
    lineage: tuple[str, ...]
    metadata: MetadataComparison
    same_vocabulary: bool
    same_template: bool
    weights: WeightComparison | None
    behaviour: Behaviour | None
    expectation: Kl | None
    """How far what the second expects lies from what the first does, on the first's answers."""
    cannot: tuple[str, ...]
    """What cannot be compared, in sentences."""


def compare(
    first: tuple[Subject, WeightsFile],
    second: tuple[Subject, WeightsFile],
    choices: CompareChoices,
    lineage: tuple[str, ...] = (),
    progress: Progress = SILENT,
) -> Comparison:
    """Compare two models.

    Raises UnsupportedModel for safetensors, EngineError where one cannot be run.
    """
    one, other = _header(first[1]), _header(second[1])
    cannot: list[str] = []
    weights = behaviour = expectation = None
    same_vocabulary = _same_vocabulary(first[0], second[0], cannot)
    if choices.weights:
        weights = _weights(first[1], second[1], cannot, progress)
    if choices.behaviour:
        behaviour = compare_behaviour(
            first[0], second[0], choices.prompts, choices.tokens, progress
        )
        if same_vocabulary:
            expectation = _expectation(first[0], second[0], behaviour, cannot, progress)
        else:
            cannot.append(
                "What they expect of the next token: their vocabularies differ, so one's tokens "
                "mean nothing to the other."
            )
    return Comparison(
        first=_side(first[1], one),
        second=_side(second[1], other),
        lineage=(*lineage, *named_bases(one, other)),
        metadata=compare_metadata(one, other),
        same_vocabulary=same_vocabulary,
        same_template=read_facts(one).chat_template == read_facts(other).chat_template,
        weights=weights,
        behaviour=behaviour,
        expectation=expectation,
        cannot=tuple(cannot),
    )


def _header(weights: WeightsFile) -> GgufHeader:
    if weights.gguf is None:
        raise UnsupportedModel(
            f"{weights.name} is safetensors; GGUF files alone are compared.",
            "What it says of itself: freehold study card",
        )
    return weights.gguf


def _side(weights: WeightsFile, header: GgufHeader) -> Side:
    facts = read_facts(header)
    return Side(
        name=weights.name,
        architecture=facts.architecture,
        parameters=sum(tensor.elements for tensor in weights.tensors),
        size=weights.size,
        quantization=facts.weights.quantization,
    )


def _same_vocabulary(first: Subject, second: Subject, cannot: list[str]) -> bool:
    try:
        return first.vocabulary.same_as(second.vocabulary)
    except FormatError as error:
        cannot.append(f"Their vocabularies: {error.message}")
        return False


def _weights(
    first: WeightsFile, second: WeightsFile, cannot: list[str], progress: Progress
) -> WeightComparison | None:
    try:
        found = compare_weights(first, second, progress)
    except UnsupportedModel as error:
        cannot.append(f"Their weights: {error.message}")
        return None
    if not found.differences:
        cannot.append("Their weights: no tensor has the same name and shape in both.")
    elif found.other_shapes:
        count = len(found.other_shapes)
        cannot.append(f"The values of {count:,} tensors: they have another shape in each.")
    return found


def _expectation(
    first: Subject, second: Subject, behaviour: Behaviour, cannot: list[str], progress: Progress
) -> Kl | None:
    from freehold.errors import UsageError
    from freehold.study.kl import kl
    from freehold.study.perplexity import WindowChoices

    text = "\n\n".join(f"{pair.first.prompt}\n{pair.first.text}" for pair in behaviour.pairs)
    try:
        size = min(_WINDOW, *(each.transformer.config.context for each in (first, second)))
        choices = WindowChoices(size=size)
        return kl(second, first, text[:_MOST_TEXT], choices, progress=progress)
    except (UnsupportedModel, UsageError) as error:
        cannot.append(f"What they expect of the next token: {error.message}")
        return None
