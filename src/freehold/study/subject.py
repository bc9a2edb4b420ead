"""What `study` looks at: one model file, opened up, and the words around it.

Text is cut into tokens by the engine, exactly as when the model runs, in a process that is started
only when there is text to cut. What a token stands for is in the file's header. What the model
computes is the decoder's to say. Each of the three is opened when it is first wanted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from freehold.errors import ContextExceeded, NotFound
from freehold.formats.gguf import GgufHeader, read_header
from freehold.formats.gguf_lookup import text
from freehold.formats.split import joined
from freehold.formats.vocabulary import Vocabulary
from freehold.study.visible import visible

if TYPE_CHECKING:
    from freehold.engine.interface import Message, Model
    from freehold.formats.tensor_data import TensorData
    from freehold.names import Digest
    from freehold.transformer.transformer import Transformer

_NO_ROOM = 16
"""Tokens of context for an engine that only cuts text."""


class Subject:
    """One model under study. Use it in a `with` block; several threads may."""

    def __init__(
        self,
        name: str,
        path: Path,
        start: Callable[[int], Model],
        digest: Digest | None = None,
        cache_bytes: int = 0,
        open_data: Callable[[Path], TensorData] | None = None,
        decoder: Callable[[int], Transformer] | None = None,
        parts: Sequence[Path] = (),
    ) -> None:
        """`start` loads the model into an engine, with room for so many tokens of context.

        `cache_bytes`, `open_data`: see `Transformer.open`. `decoder` is given the former and opens
        the model up in another way than as the file is: with something changed. `parts` are all
        files of a split model, of which `path` is the first.
        """
        self.name = name
        self.path = path
        self.digest = digest
        """What proves the file; None for one that is not owned."""
        self._start = start
        self._cache_bytes = cache_bytes
        self._decoder = decoder
        self._open_data = open_data
        self._parts = parts or (path,)
        self._engine: Model | None = None
        self._lock = threading.Lock()

    @cached_property
    def header(self) -> GgufHeader:
        """What the model says of itself. Raises FormatError, StorageError."""
        return joined([read_header(path) for path in self._parts])

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Its tokens. Raises FormatError, UnsupportedModel."""
        return Vocabulary(self.header)

    @cached_property
    def transformer(self) -> Transformer:
        """The decoder that runs its weights. Raises UnsupportedModel, FormatError."""
        from freehold.transformer.transformer import Transformer

        if self._decoder is not None:
            return self._decoder(self._cache_bytes)
        if self._open_data is None:
            return Transformer.open(self.path, cache_bytes=self._cache_bytes)
        return Transformer.open(self.path, cache_bytes=self._cache_bytes, open_data=self._open_data)

    @property
    def template(self) -> str | None:
        """Its chat template; None for a model that only continues text."""
        return text(self.header, "tokenizer.chat_template")

    def tokenize(self, text: str, *, begin: bool = True, special: bool = False) -> list[int]:
        """The ids of a text, as the engine cuts it.

        With `begin`, the mark that begins a prompt comes first where the model wants one. With
        `special`, marks such as `<|im_end|>` are read as the tokens they name.
        """
        with self._lock:
            return self._cutting().tokenize(text, special=special, begin=begin)

    def render(self, messages: Sequence[Message]) -> str:
        """A conversation as the chat template writes it, up to where the answer begins.

        Raises NotFound for a model without a template.
        """
        if self.template is None:
            raise NotFound(f"{self.name} has no chat template.", "It continues text as it is.")
        with self._lock:
            return self._cutting().render(tuple(messages))

    def question(self, text: str) -> str:
        """A text as the one question of a conversation. Raises NotFound without a template."""
        from freehold.engine.interface import Message

        return self.render((Message("user", text),))

    def begins_with(self, ids: Sequence[int]) -> int | None:
        """The mark that begins a text, where `ids` have it: a model that wants one put it there."""
        return self.vocabulary.begin if ids and ids[0] == self.vocabulary.begin else None

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for."""
        return self.vocabulary.piece(token)

    def show(self, token: int) -> str:
        """A token as a person can see it: `␣the`, `⏎`, `‹0xE2›`."""
        return visible(self.piece(token))

    def text(self, ids: Sequence[int]) -> str:
        """The text of tokens; bytes of a broken letter as `�`."""
        return b"".join(map(self.piece, ids)).decode("utf-8", "replace")

    def check_length(self, ids: Sequence[int]) -> None:
        """Raise ContextExceeded for more tokens than the model was trained to see at once."""
        context = self.transformer.config.context
        if len(ids) > context:
            raise ContextExceeded.of(
                len(ids), context, "Give a shorter text, or look at it in parts."
            )

    def answering(self, context: int) -> Model:
        """The model in an engine of its own, to ask it things. The caller closes it."""
        return self._start(context)

    def rest(self) -> None:
        """End the engine's process. It is started again when there is more text to cut."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()
                self._engine = None

    def close(self) -> None:
        """Let go of everything. Harmless twice."""
        self.rest()
        if "transformer" in self.__dict__:
            self.transformer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _cutting(self) -> Model:
        if self._engine is None or not self._engine.alive():
            self._engine = self._start(_NO_ROOM)
        return self._engine
