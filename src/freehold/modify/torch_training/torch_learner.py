"""Training in torch, with PEFT's adapter on the dequantized model: on a GPU, or a processor."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from freehold.formats.gguf import GgufHeader
from freehold.modify.torch_training.adapter import Adapter, add_adapter
from freehold.modify.torch_training.base import load_base
from freehold.modify.torch_training.installed import device_of, loaded
from freehold.modify.training.learner import Group
from freehold.modify.training.low_rank import Learned
from freehold.modify.training.network import Example, Losses
from freehold.modify.training.plan import TrainingPlan

Array = NDArray[np.float32]

_STATES = {"mean": "exp_avg", "square": "exp_avg_sq"}
_SINGLE = 4
_NONE = -100
"""Of what is not learned, in torch's own words."""


class TorchLearner:
    """A `Learner`. It begins with the numbers of `learned`, and leaves these as they are."""

    def __init__(
        self,
        path: Path,
        header: GgufHeader,
        learned: Mapping[str, Learned],
        plan: TrainingPlan,
        *,
        memory: int,
        device: str | None = None,
        longest: Sequence[int] = (),
    ) -> None:
        """`memory`: bytes that are free; `device`: cuda, mps, cpu, or None for the quickest;
        `longest`: tokens of the texts in the largest step, to know what can be held.

        Raises UsageError, UnsupportedModel, NotEnoughMemory.
        """
        with warnings.catch_warnings():  # of what they mean to change in their next versions
            warnings.simplefilter("ignore")
            self._torch, transformers, peft = loaded()
            torch = self._torch
            self._memory = memory
            self.device = device_of(torch, device)
            base = load_base(torch, transformers, path, header, self.device, memory)
            self._adapter: Adapter = add_adapter(torch, peft, base, header, learned, plan)
            self._model = self._adapter.model
            if not self._remembers(header, longest):
                again = {"use_reentrant": False}
                base.gradient_checkpointing_enable(gradient_checkpointing_kwargs=again)
                self._model.train()
        self._clip = plan.clip
        self._parameters = list(self._adapter.parameters.values())
        self._optimizer = torch.optim.AdamW(self._parameters, weight_decay=plan.decay)
        for each in self._parameters:
            self._optimizer.state[each] = {
                "step": torch.tensor(0.0),
                "exp_avg": torch.zeros_like(each),
                "exp_avg_sq": torch.zeros_like(each),
            }

    @property
    def steps(self) -> int:
        """Moves so far."""
        return int(self._optimizer.state[self._parameters[0]]["step"])

    @steps.setter
    def steps(self, steps: int) -> None:
        for each in self._parameters:
            self._optimizer.state[each]["step"].fill_(float(steps))

    @property
    def numbers(self) -> str:
        """What it computes with: `float32 on cpu`."""
        kind = str(next(self._model.parameters()).dtype).removeprefix("torch.")
        return f"{kind} on {self.device.type}"

    def losses(self, examples: Sequence[Example], *, untrained: bool = False) -> Losses:
        """See `Learner`."""
        with self._torch.no_grad(), self._model.disable_adapter() if untrained else nullcontext():
            return _losses(self._sums(examples), examples)

    def learn(self, examples: Sequence[Example]) -> Losses:
        """See `Learner`."""
        sums = self._sums(examples)
        (sums.sum() / max(1, sum(example.count for example in examples))).backward()
        return _losses(sums.detach(), examples)

    def move(self, rate: float) -> None:
        """See `Learner`."""
        self._torch.nn.utils.clip_grad_norm_(self._parameters, self._clip)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)

    def copied(self, group: Group) -> dict[str, Array]:
        """See `Learner`."""
        return {name: self._adapter.ours(name, place) for name, place in self._places(group)}

    def put(self, group: Group, values: Mapping[str, Array]) -> None:
        """See `Learner`."""
        for name, place in self._places(group):
            self._adapter.put(self._torch, name, place, values[name])

    def expected(
        self, ids: Sequence[int], *, untrained: bool = True, count: int = 200
    ) -> list[tuple[int, float]]:
        """The likeliest next tokens after some, each with the logarithm of its probability."""
        torch = self._torch
        with torch.no_grad(), self._model.disable_adapter() if untrained else nullcontext():
            logits = self._model(input_ids=torch.tensor([list(ids)], device=self.device)).logits
        shares = torch.log_softmax(logits[0, -1].float(), dim=0)
        found = shares.topk(min(count, len(shares)))
        return list(zip(found.indices.tolist(), found.values.tolist(), strict=True))

    def _places(self, group: Group) -> list[tuple[str, Any]]:
        named = self._adapter.parameters.items()
        if group == "now":
            return list(named)
        return [(name, self._optimizer.state[each][_STATES[group]]) for name, each in named]

    def _remembers(self, header: GgufHeader, longest: Sequence[int]) -> bool:
        """Whether a step's layers can be held until the way back: half of what is free is."""
        torch = self._torch
        shapes = [t.shape for t in header.tensors if t.name.startswith("blk.") and len(t.shape) > 1]
        each = sum(shape[0] + 2 * shape[1] for shape in shapes) * _SINGLE
        room = self._memory
        if self.device.type == "cuda":
            room = torch.cuda.mem_get_info(self.device)[0]
        return each * max(longest, default=0) * len(longest) <= room // 2

    def _sums(self, examples: Sequence[Example]) -> Any:
        """Each text's loss, over its learned tokens. Texts are padded on the right.

        Logits are computed for the positions before any text's learned token alone.
        """
        torch = self._torch
        ids = torch.zeros(
            (len(examples), max(len(each.ids) for each in examples)), dtype=torch.long
        )
        mask, targets = torch.zeros_like(ids), torch.full_like(ids, _NONE)
        for row, example in enumerate(examples):
            count = len(example.ids)
            ids[row, :count] = torch.tensor(example.ids)
            mask[row, :count] = 1
            learned = torch.tensor(example.learned)[1:]
            targets[row, : count - 1][learned] = ids[row, 1:count][learned]
        kept = (targets != _NONE).any(dim=0).nonzero()[:, 0].to(self.device)
        logits = self._model(
            input_ids=ids.to(self.device), attention_mask=mask.to(self.device), logits_to_keep=kept
        ).logits.float()
        targets = targets.to(self.device)[:, kept]
        lost = torch.nn.functional.cross_entropy(
            logits.transpose(1, 2), targets, ignore_index=_NONE, reduction="none"
        )
        return lost.sum(dim=1)


def _losses(sums: Any, examples: Sequence[Example]) -> Losses:
    return Losses(tuple(sums.tolist()), tuple(example.count for example in examples))
