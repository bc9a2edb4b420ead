"""Probe what a word means: an owned model with what it was owned with, or a file at a path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from freehold.actions.open_subject import open_files
from freehold.actions.study_files import StudyFiles, study_files
from freehold.errors import UnsupportedModel
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.engine.interface import Engine
    from freehold.store.libraries import Libraries
    from freehold.study.asking import Answered
    from freehold.study.probe.bias import Bias
    from freehold.study.probe.built_in import BuiltIn
    from freehold.study.probe.memory import Memory
    from freehold.study.probe.refusals import Refusals
    from freehold.study.subject import Subject

PARTS = ("built-in", "identity", "refusals", "bias", "memory")
"""What can be probed."""
_T = TypeVar("_T")
_NO_TEMPLATE = "it has no chat template, so there is no one to ask"


@dataclass(frozen=True)
class ProbeChoices:
    """What to probe, and how."""

    parts: tuple[str, ...] = PARTS
    text: tuple[str, str] | None = None
    """A text that it may know by heart: what to call it, and its words."""
    questions: tuple[str, ...] | None = None
    """Of one's own, in place of those that come with Freehold."""
    tokens: int = 64
    """The most of each answer."""


@dataclass(frozen=True)
class Probing:
    """What was found; None for what was not probed."""

    name: str
    built_in: BuiltIn | None
    identity: tuple[Answered, ...] | None
    refusals: Refusals | None
    bias: Bias | None
    memory: Memory | None
    left_out: tuple[str, ...]
    """What was not probed, and why."""


def probe(
    libraries: Libraries,
    name: str,
    choices: ProbeChoices,
    engine: Engine | None = None,
    progress: Progress = SILENT,
) -> Probing:
    """Probe one model. Raises what opening, reading and running a model raise."""
    from freehold.study.probe.built_in import built_in

    left_out: list[str] = []
    files = study_files(libraries, name)
    with open_files(files, engine, progress) as subject:
        fixed = None
        if "built-in" in choices.parts:
            fixed = built_in(subject.header, _system_prompt(files))
        asked = _ask(subject, choices, left_out, progress)
        weighed = _weigh(subject, choices, left_out, progress)
        return Probing(subject.name, fixed, *asked, *weighed, tuple(left_out))


def _ask(
    subject: Subject, choices: ProbeChoices, left_out: list[str], progress: Progress
) -> tuple[tuple[Answered, ...] | None, Refusals | None]:
    from freehold.study.probe.identity import probe_identity
    from freehold.study.probe.questions import LAWFUL
    from freehold.study.probe.refusals import probe_refusals

    wanted = [part for part in ("identity", "refusals") if part in choices.parts]
    if subject.template is None:
        left_out += [f"{part}: {_NO_TEMPLATE}" for part in wanted]
        return None, None
    identity = refusals = None
    if "identity" in wanted:
        identity = probe_identity(subject, choices.tokens, progress)
    if "refusals" in wanted:
        questions = choices.questions or LAWFUL
        refusals = probe_refusals(subject, questions, choices.tokens, progress)
    return identity, refusals


def _weigh(
    subject: Subject, choices: ProbeChoices, left_out: list[str], progress: Progress
) -> tuple[Bias | None, Memory | None]:
    from freehold.study.probe.bias import probe_bias
    from freehold.study.probe.memory import probe_memory

    bias = memory = None
    if "bias" in choices.parts:
        bias = _unless_unsupported("bias", lambda: probe_bias(subject, progress), left_out)
    if "memory" in choices.parts and choices.text is not None:
        title, words = choices.text
        memory = _unless_unsupported(
            "memory", lambda: probe_memory(subject, title, words, progress=progress), left_out
        )
    elif "memory" in choices.parts:
        left_out.append("memory: no text was given (--text FILE)")
    return bias, memory


def _unless_unsupported(part: str, run: Callable[[], _T], left_out: list[str]) -> _T | None:
    """What `run` finds; where the decoder cannot open the model up, that is said instead."""
    try:
        return run()
    except UnsupportedModel as error:
        left_out.append(f"{part}: {error.message}")
        return None


def _system_prompt(files: StudyFiles) -> str:
    """What the model was owned with, where it was."""
    from freehold.actions.recipe import read_recipe

    owned = files.owned
    return read_recipe(owned.store, owned.model).system if owned is not None else ""
