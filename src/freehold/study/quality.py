"""What quantizing cost: several files of one model, held against the one with the most bits.

Two measures, because they need not rank alike: perplexity asks whether this text became less
likely, and a file may be lucky with it; KL asks how far all that the model expects has moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from freehold.formats.gguf_facts import read_facts
from freehold.progress import SILENT, Progress
from freehold.study.kl import Kl, ReferenceReading, hold_against, read_reference
from freehold.study.perplexity import Perplexity, WindowChoices, perplexity
from freehold.study.subject import Subject


@dataclass(frozen=True)
class FileFacts:
    """How a file is packed."""

    model: str
    type: str
    """Its recipe, "Q4_K_M", or the type of most weights; "?" where nothing is known."""
    size: int
    """Bytes of the file."""
    bits_per_weight: float


@dataclass(frozen=True)
class Cost:
    """One file against the reference."""

    file: FileFacts
    kl: Kl


@dataclass(frozen=True)
class Quality:
    """Several files of one model."""

    reference: FileFacts
    reference_perplexity: Perplexity
    costs: tuple[Cost, ...]
    """The smallest mean KL first."""

    @property
    def by_perplexity(self) -> tuple[Cost, ...]:
        """The same, the lowest perplexity first."""
        return tuple(sorted(self.costs, key=lambda cost: cost.kl.model.perplexity.value))

    @property
    def ranks_differ(self) -> bool:
        """Whether the two measures put them in a different order."""
        return self.by_perplexity != self.costs


def file_facts(subject: Subject) -> FileFacts:
    """How a file is packed, from its header."""
    weights = read_facts(subject.header).weights
    return FileFacts(
        subject.name,
        weights.quantization or "?",
        subject.header.file_size,
        weights.bits_per_weight or 0.0,
    )


def quality(
    reference: Subject,
    subjects: Sequence[Subject],
    text: str,
    choices: WindowChoices,
    progress: Progress = SILENT,
) -> Quality:
    """Hold each of `subjects` against `reference`. Raises what `kl` does.

    Without `subjects` only the reference is measured.
    """
    if not subjects:
        return Quality(file_facts(reference), perplexity(reference, text, choices, progress), ())
    read = read_reference(reference, text, choices, progress)
    costs = []
    for subject in subjects:
        costs.append(cost_of(read, subject, progress))
        subject.close()  # what it kept in memory makes room for the next
    return side_by_side(reference, costs)


def cost_of(read: ReferenceReading, subject: Subject, progress: Progress = SILENT) -> Cost:
    """Hold one file against a reference that was read."""
    return Cost(file_facts(subject), hold_against(read, subject, 0, progress))


def side_by_side(reference: Subject, costs: Sequence[Cost]) -> Quality:
    """What one file or more cost, together."""
    return Quality(
        file_facts(reference),
        costs[0].kl.reference,
        tuple(sorted(costs, key=lambda cost: cost.kl.mean.value)),
    )
