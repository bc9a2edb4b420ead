"""A decoder that runs a GGUF's own quantized weights and shows all that happens inside.

    from freehold.transformer.transformer import Transformer

    with Transformer.open("model.gguf") as model:
        trace = model.trace([1, 504, 3575])
        trace.residual[12]    # after layer 11: (positions, width)

It is slower than the engine, and its numbers differ in the last digits: the engine rounds
activations to 8 bits before each product, this does not. How much that is, is measured in
benchmarks/engine_agreement.py. One text at a time; float32 throughout.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from freehold.errors import ContextExceeded, UsageError
from freehold.formats.blocks.dequantize import supported
from freehold.formats.tensor_data import TensorData
from freehold.progress import SILENT, Progress
from freehold.transformer.adapters import Scaled, read_deltas
from freehold.transformer.config import TransformerConfig, read_config
from freehold.transformer.hooks import Hook, Taps
from freehold.transformer.layers import Layers
from freehold.transformer.tensors import check_tensors
from freehold.transformer.trace import Trace
from freehold.transformer.unembedding import PART_ROWS, Unembedding
from freehold.transformer.weights import Delta, Tensors, Weights

Array = NDArray[np.float32]
Logits = bool | Literal["last"]

_NO_HOOKS: Mapping[str, Hook] = MappingProxyType({})


class Transformer:
    """One model, opened up. A context manager: closing it lets go of the file."""

    def __init__(
        self,
        data: Tensors,
        config: TransformerConfig,
        cache_bytes: int,
        deltas: Mapping[str, Sequence[Delta]] | None = None,
    ) -> None:
        self.config = config
        self.data = data
        self.weights = Weights(data, cache_bytes, deltas)
        self.layers = Layers(config, self.weights)
        """The way through the layers, one at a time."""
        self.unembedding = Unembedding(config, self.weights)
        """The way from the residual stream to logits, in its parts."""

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        cache_bytes: int = 0,
        adapters: Scaled = (),
        open_data: Callable[[Path], TensorData] = TensorData.open,
    ) -> Self:
        """Open a model file, with `adapters` on it: GGUF files, each with its scale.

        `cache_bytes` of weights stay dequantized from one trace to the next: with 0 a trace needs
        the least memory, with 4 bytes for each parameter a second trace is fastest. `open_data`
        opens the tensors, with as many threads and such decoders as the caller has.

        Raises UnsupportedModel for a family or block type that cannot be opened up, FormatError for
        a file that is no well-formed model, StorageError when it cannot be read, UsageError for
        an adapter that was made for another model.
        """
        return cls.of(open_data(Path(path)), cache_bytes=cache_bytes, adapters=adapters)

    @classmethod
    def of(
        cls,
        data: Tensors,
        *,
        cache_bytes: int = 0,
        adapters: Scaled = (),
    ) -> Self:
        """The same for tensors that are no one file's. They are closed with it, and on an error."""
        try:
            config = read_config(data.header)
            check_tensors(data.header, config)
            deltas = read_deltas(data.header, adapters)
            for tensor in data.header.tensors:
                supported(tensor.type, f"Tensor {tensor.name!r} of {data.header.label}")
        except BaseException:
            data.close()
            raise
        return cls(data, config, cache_bytes, deltas)

    def trace(
        self,
        ids: Sequence[int],
        *,
        keep: Collection[str] = ("residual",),
        hooks: Mapping[str, Hook] = _NO_HOOKS,
        logits: Logits = True,
        progress: Progress = SILENT,
    ) -> Trace:
        """Run the model over the tokens of one text, and keep what is asked for.

        `keep` has names of activations (see `hooks`), with `*` for any characters, and the words
        "residual" and "pattern". `hooks` are called when what they name is computed, in the order
        of the computation. Shapes: (positions, width) along the residual stream, norms and outputs;
        (positions, heads, head width) of q, heads; with `kv_heads` of k and v;
        (heads, positions, positions) of scores and pattern; (positions, hidden) in the MLP.

        Raises ContextExceeded when the text is longer than the model's context, UsageError for an
        id or a name that it has not, FormatError for weights that are no numbers.
        """
        ids = self._checked(ids)
        taps = Taps(self.config.layers, _names(keep), self._hooked(hooks))
        residual = self._stream(len(ids)) if "residual" in keep else None
        turns = self.layers.turns(len(ids))
        with progress.task("Tracing", self.config.layers, unit="layers") as task:
            x = taps("embed", self.layers.embed(ids))
            self._note(x, residual, 0)
            for layer in range(self.config.layers):
                x = self.layers.run(x, layer, turns[self.config.rope_of(layer)], taps)
                self._note(x, residual, layer + 1)
                task.advance(1)
        whole = {} if residual is None else {"residual": residual}
        if "pattern" in keep:
            whole["pattern"] = self._patterns(taps)
        if (computed := self._logits(x, logits, taps)) is not None:
            whole["logits"] = computed
        return Trace(ids, MappingProxyType(taps.kept), MappingProxyType(whole))

    def unembed(self, residual: Array) -> Array:
        """Logits of a residual stream, whatever layer it is of: (…, width) -> (…, vocabulary).

        The final norm, the output matrix, the soft cap: with a middle layer's residual this is the
        logit lens (nostalgebraist, 2020).
        """
        return self.unembedding.whole(self.unembedding.norm(residual))

    def unembed_parts(
        self, residual: Array, part_rows: int = PART_ROWS
    ) -> Iterator[tuple[int, Array]]:
        """The same for `part_rows` tokens of the vocabulary at a time: (first id, (…, rows))."""
        return self.unembedding.parts(self.unembedding.norm(residual), part_rows)

    def unembed_tokens(self, residual: Array, tokens: Sequence[int]) -> Array:
        """The logits of a few tokens alone: (…, width) -> (…, len(tokens))."""
        return self.unembedding.of_tokens(self.unembedding.norm(residual), tokens)

    def run_layer(self, texts: Array, layer: int, hooks: Mapping[str, Hook] = _NO_HOOKS) -> Array:
        """One layer for several texts of one length: (texts, positions, width), and so after it.

        Its weights are read once for all of them. Hooks see the positions of all in one row.
        """
        count, positions, width = texts.shape
        cosines, sines = self.layers.turns(positions)[self.config.rope_of(layer)]
        turn = np.tile(cosines, (count, 1)), np.tile(sines, (count, 1))
        taps = Taps(self.config.layers, (), self._hooked(hooks))
        flat = self.layers.run(texts.reshape(-1, width), layer, turn, taps, count)
        return flat.reshape(texts.shape)

    def close(self) -> None:
        """Let go of the file. Harmless twice."""
        self.data.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _hooked(self, hooks: Mapping[str, Hook]) -> Mapping[str, Hook]:
        """What is called on the way: the caller's hooks, and any that the model has of its own."""
        return hooks

    def _checked(self, ids: Sequence[int]) -> tuple[int, ...]:
        given = tuple(int(each) for each in ids)
        if not given:
            raise UsageError("There is no token to trace.", "Give a text of at least one.")
        if len(given) > self.config.context:
            raise ContextExceeded.of(len(given), self.config.context, "Give a shorter text.")
        last = self.config.vocabulary - 1
        if strange := [each for each in given if not 0 <= each <= last]:
            raise UsageError(f"There is no token {strange[0]}: this model's are 0 to {last:,}.")
        return given

    def _logits(self, x: Array, wanted: Logits, taps: Taps) -> Array | None:
        if wanted is False and not (taps.wants("logits") or taps.wants("final.norm")):
            return None
        last = x[-1:] if wanted == "last" else x
        logits = self.unembedding.whole(taps("final.norm", self.unembedding.norm(last)))
        self._look(logits, self.unembedding.tensors)
        logits = taps("logits", logits)
        return None if wanted is False else logits

    def _stream(self, positions: int) -> Array:
        return np.empty((self.config.layers + 1, positions, self.config.width), np.float32)

    def _note(self, x: Array, residual: Array | None, row: int) -> None:
        """Keep the residual stream, and look whether it still is made of numbers."""
        if residual is not None:
            residual[row] = x
        self._look(x, (f"blk.{row - 1}." if row else "token_embd.weight",))

    def _look(self, x: Array, beginnings: tuple[str, ...]) -> None:
        """Raise FormatError if `x` has what is no number, and so have the weights it came from:
        those whose names begin so.
        """
        if not np.isfinite(x).all() and (error := self.weights.not_finite(beginnings)):
            raise error

    def _patterns(self, taps: Taps) -> Array:
        names = [f"layers.{layer}.attention.pattern" for layer in range(self.config.layers)]
        return np.stack([taps.kept[name] for name in names])


def _names(keep: Collection[str]) -> list[str]:
    """What is kept by its own name; the residual stream is put together without."""
    names = [name for name in keep if name not in {"residual", "pattern"}]
    return [*names, "layers.*.attention.pattern"] if "pattern" in keep else names
