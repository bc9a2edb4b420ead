"""PEFT's adapter on a torch model, and its arrays in the names and order of the GGUF file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from freehold.errors import UnsupportedModel
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import text
from freehold.formats.peft_names import check_family, their_name, to_our_rows, to_their_rows
from freehold.modify.training.low_rank import Learned
from freehold.modify.training.plan import TrainingPlan

Array = NDArray[np.float32]
_NAME = "default"


@dataclass(frozen=True)
class Adapter:
    """A model with an adapter, and the parameters of the latter by our names."""

    model: Any
    parameters: Mapping[str, Any]
    """`blk.0.attn_q.a`: a parameter of PEFT's."""
    header: GgufHeader

    def ours(self, name: str, values: Any) -> Array:
        """A copy of a tensor of the size of the parameter `name`, its rows in the file's order."""
        array = values.detach().float().cpu().numpy()
        if name.endswith(".b"):
            array = to_our_rows(array, _tensor(name), self.header)
        return np.array(array, np.float32)

    def put(self, torch: Any, name: str, place: Any, values: Array) -> None:
        """The way back, into `place`."""
        if name.endswith(".b"):
            values = to_their_rows(values, _tensor(name), self.header)
        with torch.no_grad():
            place.copy_(torch.from_numpy(np.array(values, np.float32)))


def add_adapter(
    torch: Any,
    peft: Any,
    base: Any,
    header: GgufHeader,
    learned: Mapping[str, Learned],
    plan: TrainingPlan,
) -> Adapter:
    """Put LoRA on the matrices of `learned`, beginning with its numbers.

    Raises UnsupportedModel for a matrix that the torch model has no part of that shape for.
    """
    check_family(header)
    architecture = text(header, "general.architecture") or ""
    modules = {name: their_name(f"{name}.weight", architecture) for name in learned}
    linear = {name: part for name, part in base.named_modules() if hasattr(part, "weight")}
    for name, module in modules.items():
        wanted = (len(learned[name].b), learned[name].a.shape[1])
        if module not in linear or tuple(linear[module].weight.shape) != wanted:
            raise UnsupportedModel(f"The torch model has no {module} for the matrix {name}.")
    config = peft.LoraConfig(
        r=plan.rank,
        lora_alpha=plan.alpha,
        target_modules=sorted(modules.values()),
        lora_dropout=0.0,
        bias="none",
        task_type="CAUSAL_LM",
    )
    model = peft.get_peft_model(base, config)
    model.eval()
    parameters: dict[str, Any] = {}
    for name, module in modules.items():
        layer = model.get_submodule(f"base_model.model.{module}")
        parameters[f"{name}.a"] = layer.lora_A[_NAME].weight
        parameters[f"{name}.b"] = layer.lora_B[_NAME].weight
    adapter = Adapter(model, parameters, header)
    for name, part in learned.items():
        adapter.put(torch, f"{name}.a", parameters[f"{name}.a"], part.a)
        adapter.put(torch, f"{name}.b", parameters[f"{name}.b"], part.b)
    return adapter


def _tensor(name: str) -> str:
    """`blk.0.attn_q.b` -> `blk.0.attn_q.weight`."""
    return f"{name.rpartition('.')[0]}.weight"
