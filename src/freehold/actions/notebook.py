"""A model in a notebook: `model = freehold.open("smollm2")`, then arrays out of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

import numpy as np

from freehold.actions.open_subject import open_subject
from freehold.progress import SILENT, Progress
from freehold.settings import Settings
from freehold.store.libraries import Libraries
from freehold.transformer.trace import Array, Trace

if TYPE_CHECKING:
    from freehold.study.lens import Lens
    from freehold.study.subject import Subject
    from freehold.transformer.config import TransformerConfig
    from freehold.transformer.hooks import Hook
    from freehold.transformer.transformer import Transformer

_NO_HOOKS: Mapping[str, Hook] = MappingProxyType({})


@dataclass(frozen=True)
class Candidate:
    """A token that could come next."""

    id: int
    token: str
    """As a person can see it: `␣Paris`."""
    probability: float


class Run(Trace):
    """One text run through a model: a `Trace` that knows its words."""

    def __init__(self, trace: Trace, subject: Subject) -> None:
        super().__init__(trace.ids, trace.activations, trace.whole)
        object.__setattr__(self, "_subject", subject)

    _subject: Subject

    @property
    def tokens(self) -> tuple[str, ...]:
        """The text, as it was cut: `␣` is a space, `⏎` a new line, `‹0xE2›` a part of a letter."""
        return tuple(self._subject.show(each) for each in self.ids)

    def next(self, position: int = -1, count: int = 5) -> tuple[Candidate, ...]:
        """The likeliest tokens to come after one position, best first."""
        logits = self.logits[position]
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        best = np.argsort(-shares)[:count]
        return tuple(
            Candidate(int(each), self._subject.show(int(each)), float(shares[each]))
            for each in best
        )


class StudiedModel:
    """A model opened up. Use it in a `with` block, or close it when done."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        """What the functions of `freehold.study` take."""

    @property
    def name(self) -> str:
        """What it is called here."""
        return self.subject.name

    @property
    def config(self) -> TransformerConfig:
        """Its layers, heads and widths."""
        return self.transformer.config

    @property
    def transformer(self) -> Transformer:
        """The decoder itself. Raises UnsupportedModel, FormatError."""
        return self.subject.transformer

    def trace(
        self,
        text: str | Sequence[int],
        *,
        keep: Collection[str] = ("residual",),
        hooks: Mapping[str, Hook] = _NO_HOOKS,
        progress: Progress = SILENT,
    ) -> Run:
        """Run a text, or ids of tokens, through the model: see `Transformer.trace`.

        A text begins with the mark that the model wants there, if any.
        """
        ids = self._ids(text)
        trace = self.transformer.trace(ids, keep=keep, hooks=hooks, progress=progress)
        return Run(trace, self.subject)

    def lens(
        self,
        text: str | Sequence[int],
        *,
        top: int = 5,
        layers: Sequence[int] | None = None,
        positions: Sequence[int] | None = None,
        progress: Progress = SILENT,
    ) -> Lens:
        """What each layer would say next if it were the last: see `freehold.study.lens`."""
        from freehold.study.lens import logit_lens

        return logit_lens(
            self.transformer,
            self._ids(text),
            top=top,
            layers=layers,
            positions=positions,
            progress=progress,
        )

    def unembed(self, residual: Array) -> Array:
        """What a residual stream would say if it were the last: logits, (…, vocabulary)."""
        return self.transformer.unembed(residual)

    def _ids(self, text: str | Sequence[int]) -> Sequence[int]:
        return self.subject.tokenize(text) if isinstance(text, str) else text

    def close(self) -> None:
        """Let go of the file and of the engine. Harmless twice."""
        self.subject.close()

    def __repr__(self) -> str:
        return f"<StudiedModel {self.name}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def open_model(name: str) -> StudiedModel:
    """Open an owned model by its name, or a .gguf file by its path, to look inside.

    Raises NotOwned, AmbiguousName, StorageError, DamagedModel; what cannot be opened up is said
    when it is first looked into: UnsupportedModel.
    """
    with Libraries(Settings.load().home) as libraries:
        return StudiedModel(open_subject(libraries, name, many_traces=True))
