"""The data file itself: as its schema has it, and in agreement with itself and with the store."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files

import jsonschema
import pytest

from freehold.catalogue import check, read
from freehold.catalogue.entry import CatalogueEntry, Task
from freehold.store.licences import classify

SCHEMA = json.loads(files("freehold.catalogue").joinpath("models.schema.json").read_text("utf-8"))


def test_the_file_is_as_its_schema_has_it() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(read.document())


def test_the_file_agrees_with_itself() -> None:
    assert list(check.problems(read.entries(), read.sources())) == []


@pytest.mark.parametrize("entry", read.entries(), ids=lambda entry: entry.id)
def test_a_licence_is_of_the_kind_that_the_store_says(entry: CatalogueEntry) -> None:
    assert entry.licence.kind == classify(entry.licence.name).kind


def test_every_task_has_models() -> None:
    assert {task for entry in read.entries() for task in entry.tasks} == set(Task)


def test_it_spans_small_and_large_dense_and_sparse() -> None:
    entries = read.entries()
    assert len(entries) >= 40
    counts = sorted(entry.parameters for entry in entries)
    assert counts[0] < 200_000_000
    assert counts[-1] > 100_000_000_000
    assert sum(entry.shape is not None and entry.shape.experts is not None for entry in entries) > 5


def test_a_model_is_found_by_id_and_by_title() -> None:
    by_id = read.find("SmolLM2-135M-Instruct")
    assert by_id is not None
    assert by_id is read.find("SmolLM2 135M Instruct")
    assert read.find("no such model") is None


def test_nothing_is_read_before_it_is_asked_for() -> None:
    """Importing the room opens no file."""
    script = (
        "import sys; opened = []\n"
        "sys.addaudithook(lambda event, args: event == 'open' and opened.append(str(args[0])))\n"
        "import freehold.catalogue.read, freehold.catalogue.shapes\n"
        "print(any(name.endswith('.toml') for name in opened))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert found.stdout.strip() == "False"
