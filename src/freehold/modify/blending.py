"""Open the files of a merge, make sure that they are of one shape, and blend them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from freehold.errors import UsageError
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import array, text
from freehold.formats.tensor_data import TensorData
from freehold.modify.blends import Linear, Part, Slerp, Ties
from freehold.modify.merge_recipe import MergeOrder
from freehold.modify.numbers import Blend

_TOKENS = "tokenizer.ggml.tokens"


def open_blend(
    order: MergeOrder,
    paths: Mapping[str, Path],
    open_data: Callable[[Path], TensorData] = TensorData.open,
) -> Blend:
    """The blend that an order asks for; `paths` has a file for each name in it.

    `open_data` is that of `Transformer.open`.

    Raises UsageError where the files differ in more than their numbers.
    """
    with ExitStack() as stack:
        opened = {name: stack.enter_context(open_data(path)) for name, path in paths.items()}
        first = order.base or order.models[0].model
        for name, data in opened.items():
            check_same_shape(opened[first].header, data.header, first, name)
        base = opened[first]
        parts = [Part(opened[each.model], each.weight, each.density) for each in order.models]
        stack.pop_all()
    if order.method == "linear":
        return Linear(base, parts, order.normalize)
    if order.method == "slerp":
        return Slerp(base, parts, order.t)
    return Ties(base, parts, order.normalize, order.scale)


def check_same_shape(one: GgufHeader, other: GgufHeader, name: str, other_name: str) -> None:
    """Raise UsageError unless two files have the same kind, tensors, shapes and tokens."""
    kinds = [text(each, "general.architecture") for each in (one, other)]
    if kinds[0] != kinds[1]:
        raise UsageError(f"{other_name} is of the kind {kinds[1]}, and {name} of {kinds[0]}.")
    shapes, others = ({tensor.name: tensor.shape for tensor in h.tensors} for h in (one, other))
    if differing := sorted(
        key for key in shapes.keys() | others.keys() if shapes.get(key) != others.get(key)
    ):
        key = differing[0]
        raise UsageError(
            f"{other_name} and {name} cannot be merged: {key} is {others.get(key, 'missing')} in "
            f"the one and {shapes.get(key, 'missing')} in the other.",
            "Merge models that were made from the same one.",
        )
    ours, theirs = (array(each, _TOKENS) for each in (one, other))
    if (ours is None) != (theirs is None) or (
        ours is not None and list(ours) != list(theirs or ())
    ):
        raise UsageError(
            f"{other_name} and {name} cannot be merged: their tokens are not the same.",
            "Merge models that were made from the same one.",
        )
