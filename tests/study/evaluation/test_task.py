"""Tasks in lm-eval's form: what is read, and what is refused with its file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from freehold.errors import UsageError
from freehold.study.evaluation.examples import examples_of
from freehold.study.evaluation.shipped import shipped_tasks, task_path
from freehold.study.evaluation.task import read_task

CHOICE = """\
task: colours
dataset_path: data.jsonl
output_type: multiple_choice
doc_to_text: "{{question}}"
doc_to_choice: choices
doc_to_target: answer
"""
ROWS: list[dict[str, Any]] = [
    {"question": "Sky?", "choices": ["red", "blue"], "answer": 1},
    {"question": "Grass?", "choices": ["green", "pink"], "answer": "green"},
]


def written(folder: Path, yaml: str = CHOICE, rows: list[Any] | None = None) -> Path:
    lines = "".join(json.dumps(row) + "\n" for row in (ROWS if rows is None else rows))
    (folder / "data.jsonl").write_text(lines, encoding="utf-8")
    path = folder / "task.yaml"
    path.write_text(yaml, encoding="utf-8")
    return path


def test_examples_are_prompts_with_choices(tmp_path: Path) -> None:
    task = read_task(written(tmp_path))
    sky, grass = examples_of(task)
    assert (task.name, task.kind) == ("colours", "multiple_choice")
    assert (sky.prompt, sky.choices, sky.right, sky.answer) == ("Sky?", ("red", "blue"), 1, "blue")
    assert grass.right == 0  # the answer in words
    assert len(examples_of(task, 1)) == 1


def test_a_column_can_be_named_alone(tmp_path: Path) -> None:
    yaml = CHOICE.replace('"{{question}}"', "question")
    assert examples_of(read_task(written(tmp_path, yaml)))[0].prompt == "Sky?"


def test_choices_can_be_the_same_for_all(tmp_path: Path) -> None:
    yaml = CHOICE.replace("doc_to_choice: choices", 'doc_to_choice: ["no", "yes"]')
    yaml = yaml.replace("doc_to_target: answer", 'doc_to_target: "{{1 if big else 0}}"')
    rows = [{"question": "?", "big": True}]
    (example,) = examples_of(read_task(written(tmp_path, yaml, rows)))
    assert (example.choices, example.answer) == (("no", "yes"), "yes")


def test_a_list_written_out_as_text_is_a_list(tmp_path: Path) -> None:
    yaml = CHOICE.replace("doc_to_choice: choices", "doc_to_choice: \"['{{a}}', '{{b}}']\"")
    rows = [{"question": "?", "a": "x", "b": "y", "answer": 1}]
    (example,) = examples_of(read_task(written(tmp_path, yaml, rows)))
    assert example.choices == ("x", "y")


def test_worked_examples_come_first_and_are_never_the_question(tmp_path: Path) -> None:
    task = read_task(written(tmp_path, CHOICE + 'description: "Colours.\\n"\n'), shots=1)
    sky, grass = examples_of(task)
    assert sky.prompt == "Colours.\nGrass? green\n\nSky?"
    assert grass.prompt == "Colours.\nSky? blue\n\nGrass?"
    with pytest.raises(UsageError, match="there are 1 worked examples, and 2 are wanted"):
        examples_of(read_task(written(tmp_path), shots=2))


def test_data_in_lm_evals_own_words(tmp_path: Path) -> None:
    yaml = CHOICE.replace(
        "dataset_path: data.jsonl",
        "dataset_path: json\ndataset_kwargs:\n  data_files: {test: data.jsonl, dev: dev.jsonl}\n"
        "test_split: test\nfewshot_split: dev\nnum_fewshot: 1",
    )
    dev = {"question": "Milk?", "choices": ["white", "black"], "answer": 0}
    (tmp_path / "dev.jsonl").write_text(json.dumps(dev))
    sky, _ = examples_of(read_task(written(tmp_path, yaml)))
    assert sky.prompt == "Milk? white\n\nSky?"


def test_a_row_is_a_line_whatever_stands_in_its_texts(tmp_path: Path) -> None:
    path = written(tmp_path)
    row = json.dumps({**ROWS[0], "question": "Sky\u2028or\x85sea?"}, ensure_ascii=False)
    (tmp_path / "data.jsonl").write_bytes(f"{row}\r\n".encode())
    (sky,) = examples_of(read_task(path))
    assert sky.prompt == "Sky\u2028or\x85sea?"


def test_csv_and_json_are_read_too(tmp_path: Path) -> None:
    yaml = CHOICE.replace("doc_to_choice: choices", 'doc_to_choice: "{{[a, b]}}"')
    (tmp_path / "data.csv").write_text('question,a,b,answer\n"Sky, at noon?",red,blue,1\n')
    path = written(tmp_path, yaml.replace("data.jsonl", "data.csv"))
    (sky,) = examples_of(read_task(path))
    assert (sky.prompt, sky.answer) == ("Sky, at noon?", "blue")
    (tmp_path / "data.json").write_text(json.dumps(ROWS))
    assert len(read_task(written(tmp_path, CHOICE.replace("data.jsonl", "data.json"))).rows) == 2


def test_a_file_can_include_another(tmp_path: Path) -> None:
    written(tmp_path)
    other = tmp_path / "other.yaml"
    other.write_text("include: task.yaml\ntask: mine\n")
    assert read_task(other).name == "mine"
    other.write_text("include: other.yaml\n")
    with pytest.raises(UsageError, match=r"other.yaml, line 1: other.yaml includes itself"):
        read_task(other)


@pytest.mark.parametrize("name", shipped_tasks())
def test_what_comes_with_freehold_is_whole(name: str) -> None:
    task = read_task(task_path(name))
    examples = examples_of(task)
    assert len(examples) == {"everyday": 40, "arithmetic": 30}[name]
    assert len({example.prompt for example in examples}) == len(examples)
    if task.kind == "multiple_choice":
        rights = [example.right for example in examples]
        assert {rights.count(place) for place in range(4)} == {10}  # no place is worth a guess


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("task: colours", "task: [", "line 3: this is not YAML"),
        ("task: colours", "a: 1\ntask: x", "line 1: Freehold does not know the field `a`"),
        ("task: colours", "task: x\ntask: y", "line 2: `task` is there twice, first on line 1"),
        ("task: colours", "task: 7", "line 1: `task` must be a text, not 7"),
        (CHOICE, "- a\n", "A task is a list of fields"),
        ('doc_to_text: "{{question}}"\n', "", "task.yaml: the field `doc_to_text` is missing"),
        ("doc_to_choice: choices\n", "", "the field `doc_to_choice` is missing"),
        ("multiple_choice", "loglikelihood_rolling", "line 3: Freehold does not score"),
        ("data.jsonl", "cais/mmlu", "line 2: the data 'cais/mmlu' is not beside the task"),
        ("data.jsonl", "none.jsonl", "line 2: the data file .*none.jsonl cannot be read"),
        ("{{question}}", "{{question", "line 4: the template '{{question' cannot be read"),
        ("{{question}}", "{{q}}", r"data.jsonl, line 1: doc_to_text cannot be filled.*field 'q'"),
        ('"{{question}}"', "!function utils.f", "line 4: !function utils.f would run Python"),
        ("choices", "question", r"data.jsonl, line 1: doc_to_choice gives no list"),
        ("answer", "question", r"line 1: the right answer 'Sky\?' is none of the choices"),
        ("task: colours", "metric_list: [{metric: f1}]", "line 1: Freehold does not measure 'f1'"),
        ("task: colours", "repeats: 3", "line 1: Freehold asks each question once"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = written(tmp_path, CHOICE.replace(old, new))
    with pytest.raises(UsageError, match=said) as refused:
        examples_of(read_task(path))
    assert len(refused.value.message.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("data.jsonl", '{"a": 1}\n{"a": \n', "data.jsonl, line 2: this is not JSON"),
        ("data.jsonl", '{"a": 1}\n[1]\n', r"data.jsonl, line 2: an example must be an object"),
        ("data.jsonl", "\n", "data.jsonl: there is no example in it"),
        ("data.jsonl", "\xff", "byte 0 is not UTF-8"),
        ("data.json", '[{"a": 1},\n 7]', "data.json: example 2 must be an object"),
        ("data.json", '[{"a": 1},\n', "data.json, line 2: this is not JSON"),
        ("data.csv", "a,b\n1\n", "data.csv, line 2: it has 1 cells and the heading 2"),
    ],
)
def test_what_is_wrong_with_the_data(tmp_path: Path, name: str, data: str, said: str) -> None:
    path = written(tmp_path, CHOICE.replace("data.jsonl", name))
    (tmp_path / name).write_bytes(data.encode("latin-1"))
    with pytest.raises(UsageError, match=said):
        read_task(path)


def test_data_of_a_kind_that_is_not_read(tmp_path: Path) -> None:
    data = "json\ndataset_kwargs: {data_files: data.parquet}"
    (tmp_path / "data.parquet").write_bytes(b"PAR1")
    with pytest.raises(UsageError, match=r"line 3: data.parquet is of a kind \(.parquet\)"):
        read_task(written(tmp_path, CHOICE.replace("data.jsonl", data)))


def test_a_right_choice_that_is_not_there(tmp_path: Path) -> None:
    rows = [ROWS[0], {**ROWS[1], "answer": 2}]
    with pytest.raises(UsageError, match=r"line 2: the right choice is number 2, and there are 2"):
        examples_of(read_task(written(tmp_path, CHOICE, rows)))
