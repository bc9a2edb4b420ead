"""Train: steps over shuffled examples, a look at held-out ones now and then, the best is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from freehold.errors import FormatError
from freehold.formats.lora import LowRank
from freehold.modify.training.checkpoint import Look, Progressed
from freehold.modify.training.learner import GROUPS, Learner
from freehold.modify.training.network import Example, Losses
from freehold.modify.training.plan import TrainingPlan
from freehold.modify.training.schedule import rate_at
from freehold.progress import SILENT, Progress

Array = NDArray[np.float32]
_AT_ONCE = 1024
"""Tokens of held-out examples that are looked at together."""


@dataclass(frozen=True)
class Trained:
    """What a training came to."""

    learned: Mapping[str, LowRank]
    """The best by the held-out loss, by matrix: `blk.0.attn_q`."""
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


@dataclass(frozen=True)
class Best:
    """What is learned where the held-out loss was least, and that loss."""

    values: Mapping[str, Array]
    losses: Losses


class Trainer:
    """One training. It can be stopped after any step and gone on with from its state."""

    def __init__(
        self,
        learner: Learner,
        plan: TrainingPlan,
        examples: Sequence[Example],
        held_out: Sequence[Example],
    ) -> None:
        """`examples` and `held_out` have at least one each."""
        self._learner = learner
        self._plan = plan
        self._examples = examples
        self._held_out = held_out
        self._looks: list[Look] = []
        self._lost: list[float] = []
        self._before: Losses | None = None
        self._best = Best({}, Losses((), ()))

    def train(
        self,
        watch: Callable[[Look], None] = lambda look: None,
        keep: Callable[[Progressed], None] = lambda state: None,
        progress: Progress = SILENT,
    ) -> Trained:
        """Do the steps that are left. `watch` sees each look, `keep` the state after it.

        Raises FormatError when the loss is no number any more.
        """
        before = self._before or self._held_out_losses(untrained=True)
        self._before = before
        if not self._looks:
            self._note(Look(0, before.mean, before.mean), before, watch)
        with progress.task("Training", self._plan.steps, unit="steps") as task:
            task.advance(self.done)
            while self.done < self._plan.steps and not self._stuck():
                self._step()
                task.advance(1)
                if self.done % self._plan.look_every == 0 or self.done == self._plan.steps:
                    trained = float(np.mean(self._lost))
                    self._lost.clear()
                    found = self._held_out_losses()
                    self._note(Look(self.done, trained, found.mean), found, watch)
                    keep(self.state())
        best = self._best
        return Trained(_pairs(best.values), tuple(self._looks), self.done, before, best.losses)

    @property
    def done(self) -> int:
        """Steps so far."""
        return self._learner.steps

    def state(self) -> Progressed:
        """All that `resume` needs, after a first look."""
        kept = {
            f"{group}.{name}": values
            for group in GROUPS
            for name, values in self._learner.copied(group).items()
        }
        kept |= {f"best.{name}": values for name, values in self._best.values.items()}
        before = self._before or Losses((), ())
        looks = tuple(self._looks)
        return Progressed(self.done, looks, kept, before, self._best.losses, tuple(self._lost))

    def resume(self, state: Progressed) -> None:
        """Go on from there. Raises FormatError for a state that is not of this training."""
        parts: dict[str, dict[str, Array]] = {group: {} for group in (*GROUPS, "best")}
        shapes = {name: values.shape for name, values in self._learner.copied("now").items()}
        for key, values in state.arrays.items():
            group, _, name = key.partition(".")
            if group not in parts or values.shape != shapes.get(name):
                raise FormatError(f"The checkpoint has {key!r}, which this training does not.")
            parts[group][name] = values
        if any(found.keys() != shapes.keys() for found in parts.values()):
            raise FormatError("The checkpoint is not whole.", "Begin again with --restart.")
        for group in GROUPS:
            self._learner.put(group, parts[group])
        self._learner.steps = state.step
        self._best = Best(parts["best"], state.best)
        self._before = state.before
        self._looks, self._lost = list(state.looks), list(state.lost)

    def _step(self) -> None:
        losses = self._learner.learn(self._batch(self.done))
        if not np.isfinite(losses.mean):
            raise FormatError(
                f"The loss is no number after {self.done:,} steps.",
                "Try a lower --rate; `freehold study tensors` shows whether a weight is none.",
            )
        self._lost.append(losses.mean)
        self._learner.move(rate_at(self.done, self._plan.steps, self._plan.rate))

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
        sums: list[float] = []
        counts: list[int] = []
        for part in _parts(self._held_out):
            losses = self._learner.losses(part, untrained=untrained)
            sums += losses.sums
            counts += losses.counts
        return Losses(tuple(sums), tuple(counts))

    def _note(self, look: Look, losses: Losses, watch: Callable[[Look], None]) -> None:
        if not self._looks or look.held_out < min(each.held_out for each in self._looks):
            self._best = Best(self._learner.copied("now"), losses)
        self._looks.append(look)
        watch(look)

    def _stuck(self) -> bool:
        """Whether the last looks were all worse than the best before them."""
        held_out = [look.held_out for look in self._looks]
        best = held_out.index(min(held_out))
        return len(held_out) - 1 - best >= self._plan.patience


def _pairs(values: Mapping[str, Array]) -> dict[str, LowRank]:
    """Arrays by name (`blk.0.attn_q.a`), as pairs by matrix."""
    matrices = dict.fromkeys(name.rpartition(".")[0] for name in values)
    return {name: LowRank(values[f"{name}.a"], values[f"{name}.b"]) for name in matrices}


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
