"""What each layer of a model keeps of what it has read: keys and values, a window, a state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from freehold.formats.families import (
    BOTH,
    KNOWN,
    NO_CACHE,
    RECURRENT,
    STATE_BY_INTERVAL,
    STATE_WITHOUT_KV_HEADS,
    WINDOWS,
)
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_facts import GgufFacts, PerLayer, at_layer
from freehold.formats.gguf_lookup import integer, per_layer
from freehold.formats.model_shape import LayerShape


class LayerMemory:
    """One header's answers, layer by layer."""

    def __init__(self, header: GgufHeader, facts: GgufFacts, layers: int) -> None:
        self._header = header
        self._facts = facts
        self._family = facts.architecture or "unknown"
        self._layers = layers
        self._used = layers - min(self._number("nextn_predict_layers") or 0, layers)
        self._recurrent: PerLayer = per_layer(header, f"{self._family}.attention.recurrent_layers")
        self._window, self._pattern = self._windows()
        self._compressed = None not in (
            self._number("attention.key_length_mla"),
            self._number("attention.value_length_mla"),
        )
        self._state = self._state_numbers()
        self._keeping = self._first_that_share()

    def kv_heads(self, layer: int, stated: int) -> int:
        """Heads with keys and values; 0 where the layer keeps a state in their place."""
        return 0 if self._is_recurrent(layer) and self._family not in BOTH else stated

    def widths(self, layer: int) -> tuple[int | None, int | None]:
        """Numbers in one head's key and value. Compressed attention keeps both in one."""
        network = self._facts.network
        key, value = network.key_width, network.value_width
        if self._window is not None and self.window(layer) is not None:
            key = self._number("attention.key_length_swa") or key
            value = self._number("attention.value_length_swa") or value
        return key, 0 if self._compressed else value

    def window(self, layer: int) -> int | None:
        """How many tokens the layer looks back; None for all."""
        if self._window is None or layer >= self._used or self._is_recurrent(layer):
            return None
        if isinstance(self._pattern, tuple):
            return self._window if at_layer(self._pattern, layer) else None
        rule = WINDOWS[self._family]
        period = self._pattern if self._pattern is not None else rule.period
        if period is None:
            return None
        full = period and layer % period == (0 if rule.first else period - 1)
        return None if full else self._window

    def cached(self, layer: int) -> bool:
        """Whether the layer has a cache of its own while a model answers."""
        return self._family not in NO_CACHE and layer < self._keeping

    def state(self, layer: int) -> int:
        """Numbers that the layer keeps for a request, whatever its length."""
        return (self._state or 0) if self._is_recurrent(layer) else 0

    def unknown(self, layers: Sequence[LayerShape]) -> Iterator[str]:
        """What could not be found out, in words."""
        attending = [layer for layer in layers if layer.kv_heads or not layer.state]
        stateful = any(self._is_recurrent(layer) for layer in range(self._layers))
        if stateful and not self._state:
            yield "how large the state of its recurrent layers is"
        if stateful and self._family in RECURRENT:
            return
        if any(layer.kv_heads and not layer.heads for layer in attending):
            yield "how many heads it has"
        if not any(layer.kv_heads for layer in layers):
            yield "how many heads share a cache"
        elif any(layer.kv_heads and not layer.key_width for layer in attending):
            yield "how wide its heads are"
        named = self._facts.network.sliding_window
        if named is not None and self._family not in KNOWN:
            yield f"which of its layers look back only {named:,} tokens"
        if self._family in WINDOWS and self._window and self._period_is_missing():
            yield f"which of its layers look back only {self._window:,} tokens"

    def _period_is_missing(self) -> bool:
        return self._pattern is None and WINDOWS[self._family].period is None

    def _windows(self) -> tuple[int | None, PerLayer]:
        rule = WINDOWS.get(self._family)
        stated = self._number("attention.sliding_window")
        if rule is None or (rule.layers is not None and rule.layers != self._used):
            return None, None
        if stated == 0:
            return None, None
        window = stated if stated is not None else rule.default
        if window is not None and rule.fixed is not None:
            window = rule.fixed
        return window, self._facts.network.sliding_pattern

    def _first_that_share(self) -> int:
        """Layers from here on keep nothing: they read another's cache, or only draft ahead."""
        keeping = self._used
        if self._family == "gemma3n":
            keeping = min(keeping, 20)
        if self._family == "gemma4":
            keeping = min(keeping, self._layers - (self._number("attention.shared_kv_layers") or 0))
        return keeping

    def _is_recurrent(self, layer: int) -> bool:
        if self._family in RECURRENT or self._family in BOTH:
            return True
        network = self._facts.network
        if self._family in STATE_WITHOUT_KV_HEADS:
            idle = self._family.startswith("nemotron") and at_layer(
                network.feed_forward_width, layer
            )
            return at_layer(network.kv_heads, layer) == 0 and not idle
        if self._family in STATE_BY_INTERVAL:
            if isinstance(self._recurrent, tuple):
                return bool(at_layer(self._recurrent, layer))
            interval = self._number("full_attention_interval") or STATE_BY_INTERVAL[self._family]
            return layer < self._used and (layer + 1) % interval != 0
        return False

    def _state_numbers(self) -> int | None:
        """As llama.cpp counts them: the last inputs of the convolution, and the state itself."""
        width = self._facts.network.embedding_width or 0
        number = self._number
        if head := number("wkv.head_size"):
            return width * ((number("token_shift_count") or 2) + head)
        if kernel := number("shortconv.l_cache"):
            return width * (kernel - 1)
        heads = at_layer(self._facts.network.heads, 0) or 0
        kernel = number("ssm.conv_kernel") or 0
        if head := number("kda.head_dim"):
            return head * heads * (3 * ((kernel or 4) - 1) + head)
        inner, size = number("ssm.inner_size"), number("ssm.state_size")
        if inner is None or size is None:
            return None
        groups = number("ssm.group_count") or 0
        return max(kernel - 1, 0) * (inner + 2 * groups * size) + size * inner

    def _number(self, key: str) -> int | None:
        return integer(self._header, f"{self._family}.{key}")
