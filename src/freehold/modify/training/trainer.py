"""Train: steps over shuffled examples, a look at held-out ones now and then, the best is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from freehold.errors import FormatError
from freehold.modify.training.adamw import AdamW
from freehold.modify.training.checkpoint import Look, Progressed
from freehold.modify.training.low_rank import Learned, arrays
from freehold.modify.training.network import Example, Losses, Network
from freehold.modify.training.plan import TrainingPlan
from freehold.modify.training.schedule import rate_at
from freehold.modify.training.targets import begin, targets_of
from freehold.progress import SILENT, Progress
from freehold.transformer.transformer import Transformer

Array = NDArray[np.float32]
_AT_ONCE = 1024
"""Tokens of held-out examples that are looked at together."""


@dataclass(frozen=True)
class Trained:
    """What a training came to."""

    learned: Mapping[str, Learned]
    """The best by the held-out loss."""
    looks: tuple[Look, ...]
    steps: int
    """Done; fewer than planned where it ended early."""
    before: Losses
    """Of the held-out examples, each."""
    after: Losses

    @property
    def best(self) -> Look:
        """The look whose matrices were kept."""
        return min(self.looks, key=lambda look: look.held_out)


class Trainer:
    """One training. It can be stopped after any step and gone on with from its state."""

    def __init__(
        self,
        model: Transformer,
        plan: TrainingPlan,
        examples: Sequence[Example],
        held_out: Sequence[Example],
        *,
        remember: bool = True,
    ) -> None:
        """`remember` is of `Network`. `examples` and `held_out` have at least one each."""
        self._plan = plan
        self._examples = examples
        self._held_out = held_out
        chance = np.random.default_rng([plan.seed, 0])
        self._learned = begin(model, targets_of(model, plan.targets), plan.rank, chance)
        self._network = Network(model, self._learned, plan.scale, remember=remember)
        self._optimizer = AdamW(self._learned, decay=plan.decay, clip=plan.clip)
        self._looks: list[Look] = []
        self._lost: list[float] = []
        self._best = self._copied()

    def train(
        self,
        watch: Callable[[Look], None] = lambda look: None,
        keep: Callable[[Progressed], None] = lambda state: None,
        progress: Progress = SILENT,
    ) -> Trained:
        """Do the steps that are left. `watch` sees each look, `keep` the state after it.

        Raises FormatError when the loss is no number any more.
        """
        before = self._held_out_losses(untrained=True)
        if not self._looks:
            self._note(Look(0, before.mean, before.mean), watch)
        with progress.task("Training", self._plan.steps, unit="steps") as task:
            task.advance(self.done)
            while self.done < self._plan.steps and not self._stuck():
                self._step()
                task.advance(1)
                if self.done % self._plan.look_every == 0 or self.done == self._plan.steps:
                    trained = float(np.mean(self._lost))
                    self._lost.clear()
                    self._note(Look(self.done, trained, self._held_out_losses().mean), watch)
                    keep(self.state())
        self._put(self._best)
        return Trained(
            self._learned, tuple(self._looks), self.done, before, self._held_out_losses()
        )

    @property
    def done(self) -> int:
        """Steps so far."""
        return self._optimizer.steps

    def state(self) -> Progressed:
        """All that `resume` needs."""
        kept = {f"now.{name}": values for name, values in self._values().items()}
        kept |= {f"best.{name}": values for name, values in self._best.items()}
        kept |= {f"mean.{name}": values for name, values in self._optimizer.mean.items()}
        kept |= {f"square.{name}": values for name, values in self._optimizer.square.items()}
        return Progressed(self.done, tuple(self._looks), kept, tuple(self._lost))

    def resume(self, state: Progressed) -> None:
        """Go on from there. Raises FormatError for a state that is not of this training."""
        parts: dict[str, dict[str, Array]] = {"now": {}, "best": {}, "mean": {}, "square": {}}
        shapes = {name: values.shape for name, values in self._values().items()}
        for key, values in state.arrays.items():
            group, _, name = key.partition(".")
            if group not in parts or values.shape != shapes.get(name):
                raise FormatError(f"The checkpoint has {key!r}, which this training does not.")
            parts[group][name] = values
        if any(found.keys() != shapes.keys() for found in parts.values()):
            raise FormatError("The checkpoint is not whole.", "Begin again with --restart.")
        self._put(parts["now"])
        self._best = parts["best"]
        self._optimizer.mean, self._optimizer.square = parts["mean"], parts["square"]
        self._optimizer.steps = state.step
        self._looks, self._lost = list(state.looks), list(state.lost)

    def _step(self) -> None:
        losses = self._network.learn(self._batch(self.done))
        if not np.isfinite(losses.mean):
            raise FormatError(
                f"The loss is no number after {self.done:,} steps.",
                "Try a lower --rate; `freehold study tensors` shows whether a weight is none.",
            )
        self._lost.append(losses.mean)
        self._optimizer.step(rate_at(self.done, self._plan.steps, self._plan.rate))

    def _batch(self, step: int) -> list[Example]:
        """The examples of a step: a new order each time all were seen, from the seed."""
        count, size = len(self._examples), min(self._plan.batch, len(self._examples))
        chosen = []
        for at in range(step * size, (step + 1) * size):
            order = np.random.default_rng([self._plan.seed, 1, at // count]).permutation(count)
            chosen.append(self._examples[order[at % count]])
        return chosen

    def _held_out_losses(self, *, untrained: bool = False) -> Losses:
        """With `untrained`, of the model as it was: what is learned counts nothing."""
        network = self._network.untrained() if untrained else self._network
        sums: list[float] = []
        counts: list[int] = []
        for part in _parts(self._held_out):
            losses = network.losses(part)
            sums += losses.sums
            counts += losses.counts
        return Losses(tuple(sums), tuple(counts))

    def _note(self, look: Look, watch: Callable[[Look], None]) -> None:
        if not self._looks or look.held_out < min(each.held_out for each in self._looks):
            self._best = self._copied()
        self._looks.append(look)
        watch(look)

    def _stuck(self) -> bool:
        """Whether the last looks were all worse than the best before them."""
        held_out = [look.held_out for look in self._looks]
        best = held_out.index(min(held_out))
        return len(held_out) - 1 - best >= self._plan.patience

    def _values(self) -> dict[str, Array]:
        return {name: values for name, values, _ in arrays(self._learned)}

    def _copied(self) -> dict[str, Array]:
        return {name: values.copy() for name, values in self._values().items()}

    def _put(self, values: Mapping[str, Array]) -> None:
        for name, place in self._values().items():
            place[...] = values[name]


def _parts(examples: Sequence[Example]) -> list[list[Example]]:
    """Examples in groups that are looked at together."""
    groups: list[list[Example]] = [[]]
    size = 0
    for example in examples:
        if groups[-1] and size + len(example.ids) > _AT_ONCE:
            groups.append([])
            size = 0
        groups[-1].append(example)
        size += len(example.ids)
    return groups
