"""What the header of a low-rank adapter says, and whether it fits a model. No number is read.

A GGUF adapter has `W.lora_a`, (r, in), and `W.lora_b`, (out, r), for each matrix W that it changes.
Which model it was made for is known by the SHA-256 of that model's weights where whoever made it
wrote that down, else by architecture and shapes alone.
"""

from __future__ import annotations

from freehold.errors import FormatError, UnsupportedModel, UsageError
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import text

ADAPTER = "adapter"
"""What `general.type` says of such a file."""
BASE_DIGEST = "freehold.base.sha256"
"""The metadata key of the SHA-256 of the weights that an adapter or vector was made for."""
ENDS = (".lora_a", ".lora_b")
_A, _B = ENDS
EMBEDDING = "token_embd.weight"
"""Whose pair is stored the other way about."""


def is_lora(header: GgufHeader) -> bool:
    """Whether a file says of itself that it is one."""
    return text(header, "general.type") == ADAPTER


def check_lora(header: GgufHeader) -> None:
    """Raise FormatError or UnsupportedModel unless it is an adapter of the kind known here."""
    label = header.label
    kind = text(header, "adapter.type")
    if not is_lora(header) or kind is None:
        what = text(header, "general.type") or "model"
        raise FormatError(
            f"{label} is no adapter: its header says {what!r}.",
            "An adapter in PEFT's format becomes one by `freehold modify adapter`.",
        )
    if kind != "lora" or "adapter.alora.invocation_tokens" in header.metadata:
        raise UnsupportedModel(f"{label} is an adapter of a kind that Freehold does not know.")
    shapes = {tensor.name: tensor.shape for tensor in header.tensors}
    bases = {name.removesuffix(_A).removesuffix(_B) for name in shapes}
    for base in sorted(bases):
        a, b = shapes.get(base + _A), shapes.get(base + _B)
        if a is None or b is None:
            missing = _A if a is None else _B
            raise FormatError(f"{label} is no whole adapter: {base}{missing} is missing.")
        if len(a) != 2 or len(b) != 2 or a[1] != b[0]:
            raise FormatError(f"{label} is no whole adapter: the shapes for {base} do not fit.")
    if not bases:
        raise FormatError(f"{label} is an adapter that changes nothing.")


def check_fits(adapter: GgufHeader, base: GgufHeader, name: str, model: str) -> None:
    """Raise UsageError unless every matrix that an adapter changes is in a model, of that shape.

    `name` and `model` are what the two are called.
    """
    check_lora(adapter)
    ours, theirs = (text(each, "general.architecture") for each in (adapter, base))
    if ours != theirs:
        raise UsageError(
            f"The adapter {name} was made for a model of the kind {ours}, and {model} is {theirs}.",
            "`freehold show` says which model an adapter was made for.",
        )
    shapes = {tensor.name: tensor.shape for tensor in base.tensors}
    for tensor in adapter.tensors:
        change = tensor.name.removesuffix(_A).removesuffix(_B)
        if change == EMBEDDING:
            continue
        found = shapes.get(change)
        side = 0 if tensor.name.endswith(_A) else 1
        if found is None or len(found) != 2 or found[side] != tensor.shape[side]:
            has = "has no such matrix" if found is None else f"has one of {found}"
            raise UsageError(
                f"The adapter {name} does not fit {model}: it changes {change}, "
                f"{tensor.shape[side]:,} wide on one side, and {model} {has}.",
                "It was made for another model of the same kind.",
            )
