"""Scoring: what the model holds most likely, and what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from freehold.actions.open_subject import open_subject
from freehold.engine.fake import FakeEngine
from freehold.errors import ContextExceeded, NotFound
from freehold.store.libraries import Libraries
from freehold.study.evaluation import choosing
from freehold.study.evaluation.choosing import choice_likelihoods, cut_example
from freehold.study.evaluation.evaluate import EvaluationChoices, evaluate
from freehold.study.evaluation.shipped import task_path
from freehold.study.evaluation.task import read_task
from freehold.study.subject import Subject

CHOICE = """\
dataset_path: data.jsonl
output_type: multiple_choice
doc_to_text: q
doc_to_choice: c
doc_to_target: a
"""
ROWS = [{"q": "ab", "c": ["x", "yes"], "a": 0}, {"q": "cd", "c": ["no", "z"], "a": 1}]


def task_file(
    folder: Path, yaml: str = CHOICE, rows: list[dict[str, object]] | None = None
) -> Path:
    data = "\n".join(json.dumps(row) for row in (ROWS if rows is None else rows))
    (folder / "data.jsonl").write_text(data)
    (folder / "task.yaml").write_text(yaml)
    return folder / "task.yaml"


def test_a_choices_score_is_its_probability_after_the_prompt(little: Subject) -> None:
    cut = cut_example(little, "the ", ["sea", "x"], "")
    assert little.text(cut.sequences[0]) == "the sea"
    assert cut.lengths == (4, 2)  # the blank goes to the choice; a letter is a token here
    (scores,) = choice_likelihoods(little, [cut])
    ids = little.tokenize("the sea")
    logits = little.transformer.trace(ids).logits
    assert logits is not None
    wide = logits.astype(np.float64)
    logs = wide - np.log(np.exp(wide).sum(axis=1, keepdims=True))
    assert scores[0] == pytest.approx(sum(logs[at - 1, ids[at]] for at in range(3, 7)), abs=1e-4)


@pytest.mark.parametrize("positions", [512, 20, 1], ids=["together", "in packs", "one by one"])
def test_examples_read_together_score_as_they_do_alone(
    positions: int, little: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [("the ", ["sea", "x"]), ("a", ["b", "c", "def"]), ("the ", ["sea", "end"])]
    cuts = [cut_example(little, prompt, choices, " ") for prompt, choices in asked]
    alone = []
    for cut in cuts:
        for ids, length in zip(cut.sequences, cut.lengths, strict=True):
            logits = little.transformer.trace(ids).logits
            assert logits is not None
            logs = logits - np.log(np.exp(logits.astype(np.float64)).sum(axis=1, keepdims=True))
            places = range(len(ids) - length, len(ids))
            alone.append(sum(float(logs[at - 1, ids[at]]) for at in places))
    monkeypatch.setattr(choosing, "POSITIONS", positions)
    found = list(choice_likelihoods(little, cuts))
    assert [len(each) for each in found] == [2, 3, 2]
    assert [score for each in found for score in each] == pytest.approx(alone, abs=2e-4)
    assert found[0][0] == pytest.approx(found[2][0], abs=2e-4)


def test_a_model_that_knows_scores_above_guessing(smollm: Subject) -> None:
    result = evaluate(smollm, read_task(task_path("everyday")), EvaluationChoices(limit=8))
    assert result.accuracy.of == 8
    assert result.accuracy.right >= 4
    assert result.chance == 0.25
    assert result.first_prompt.endswith("\nAnswer:")
    assert result.outcomes[0].said == "a key"


def test_answers_are_the_engines(little: Subject, nothing_owned: Libraries, tmp_path: Path) -> None:
    yaml = "dataset_path: data.jsonl\ndoc_to_text: q\ndoc_to_target: a\n"
    rows: list[dict[str, object]] = [{"q": "2+2=", "a": "4"}, {"q": "3+3=", "a": "6"}]
    engine = FakeEngine(reply=lambda _: " 4\n\nand more")
    with open_subject(nothing_owned, str(little.path), engine) as subject:
        result = evaluate(subject, read_task(task_file(tmp_path, yaml, rows)), EvaluationChoices())
    assert [outcome.said for outcome in result.outcomes] == ["4", "4"]
    assert [outcome.correct for outcome in result.outcomes] == [True, False]
    assert result.by_length is None
    assert engine.loaded[-1].plan.context == 512
    assert not any(model.alive() for model in engine.loaded)


def test_a_chat_is_asked_through_the_template(little: Subject, tmp_path: Path) -> None:
    task = read_task(task_file(tmp_path))
    result = evaluate(little, task, EvaluationChoices(limit=1, chat=True))
    assert result.first_prompt == "ab\n"  # the template of made models writes contents and a line


def test_a_chat_needs_a_template(gemma3: Path, nothing_owned: Libraries, tmp_path: Path) -> None:
    task = read_task(task_file(tmp_path))
    with (
        open_subject(nothing_owned, str(gemma3)) as gemma,
        pytest.raises(NotFound, match="no chat template"),
    ):
        evaluate(gemma, task, EvaluationChoices(chat=True))


def test_what_was_broken_off_goes_on(
    little: Subject, nothing_owned: Libraries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, choices = read_task(task_file(tmp_path)), EvaluationChoices(folder=tmp_path / "kept")
    whole = evaluate(little, task, EvaluationChoices())
    assert evaluate(little, task, EvaluationChoices(1, folder=tmp_path / "kept")).remembered == 0
    resumed = evaluate(little, task, choices)
    assert resumed.remembered == 1
    for one, other in zip(resumed.outcomes, whole.outcomes, strict=True):
        assert one.scores == pytest.approx(other.scores, abs=2e-4)  # read in other company
        assert replace(one, scores=other.scores) == other
    assert evaluate(little, task, choices).remembered == 2
    fresh = EvaluationChoices(folder=tmp_path / "kept", fresh=True)
    assert evaluate(little, task, fresh).remembered == 0
    changed = read_task(task_file(tmp_path, rows=[ROWS[0], {**ROWS[1], "q": "changed"}]))
    assert evaluate(little, changed, choices).remembered == 1


def test_a_prompt_beyond_the_context_is_refused(little: Subject, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"q": "a" * 120, "c": ["x", "y"], "a": 0}]
    with pytest.raises(ContextExceeded, match="the context holds 96"):
        evaluate(little, read_task(task_file(tmp_path, rows=rows)), EvaluationChoices())
