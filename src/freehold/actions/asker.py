"""An owned model as a function from a prompt to a text, for rooms that see no engine."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.engine.interface import Model
    from freehold.settings import Settings
    from freehold.store.libraries import Libraries

_CONTEXT = 4096
_ANSWER = 96
"""Tokens that it may answer with."""


class Asker:
    """Use it in a `with` block; the model loads with the first question and stays."""

    def __init__(
        self,
        libraries: Libraries,
        settings: Settings,
        name: str,
        progress: Progress = SILENT,
        longest: int = _ANSWER,
    ) -> None:
        """`longest` is in tokens of an answer. Raises NotOwned, AmbiguousName."""
        self._longest = longest
        self._found = libraries.find(name)
        self._settings, self._progress = settings, progress
        self._open = ExitStack()
        self._model: Model | None = None
        self.name = self._found.model.name

    def ask(self, prompt: str) -> str:
        """What it answers, greedily, so that anyone gets the same. Raises EngineError."""
        from freehold.engine.interface import ChatRequest, Delta, Message, Sampling, TextRequest

        if self._model is None:
            self._model = self._open.enter_context(self._load())
        sampling = Sampling(temperature=0.0, seed=1, max_tokens=self._longest)
        if self._model.facts.chat_template is not None:
            answer = self._model.chat(ChatRequest((Message("user", prompt),), sampling))
        else:
            answer = self._model.complete(TextRequest(prompt, sampling))
        return "".join(each.text for each in answer if isinstance(each, Delta)).strip()

    def _load(self) -> Model:
        from freehold.actions.engines import engine_for
        from freehold.actions.load import LoadChoices, start_loading

        choices = LoadChoices(context=_CONTEXT, threads=self._settings.threads)
        engine = engine_for(self._settings)
        found = self._found
        return start_loading(found.store, engine, found.model, choices, self._progress).wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.close()
