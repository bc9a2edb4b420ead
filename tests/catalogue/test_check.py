"""Each check fails when what it looks for is broken: one slip of the pen each."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from freehold.catalogue import check, read
from freehold.catalogue.entry import CatalogueEntry, LicenceClaim, Quality

SCHEMA = json.loads(files("freehold.catalogue").joinpath("models.schema.json").read_text("utf-8"))


def _entry(name: str = "smollm2-135m-instruct") -> CatalogueEntry:
    found = read.find(name)
    assert found is not None
    return found


def _said(*entries: CatalogueEntry) -> str:
    cited = set().union(*(check._cited(entry) for entry in entries))
    known = {name: source for name, source in read.sources().items() if name in cited}
    return "\n".join(check.problems(entries, known))


def _shape(**changed: Any) -> CatalogueEntry:
    entry = _entry()
    assert entry.shape is not None
    return replace(entry, shape=replace(entry.shape, **changed))


def test_nothing_is_said_of_a_sound_entry() -> None:
    assert _said(_entry()) == ""


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (_shape(layers=31), "its shape has 138,"),
        (_shape(feed_forward_width=1563), "its shape has"),
        (_shape(kv_heads=2), "its shape has"),
        (_shape(vocabulary=41952), "published are 134,515,008"),
        (_shape(tied=False), "its shape has"),
        (replace(_entry(), parameters=143_515_008), "published are 143,515,008"),
        (replace(_entry(), active_parameters=135_000_000), "more parameters are active"),
        (replace(_entry(), sources=("hf:SmolLM2",)), "is no reference"),
        (replace(_entry(), sources=("models/smollm2.gguf",)), "reference to a public place"),
        (replace(_entry(), sources=("huggingface:a/b",)), "reference to a public place"),
        (replace(_entry(), shape_sources=("somewhere",)), "no source is called somewhere"),
        (
            replace(_entry(), licence=LicenceClaim("Ours", "unknown")),
            "where the text of its own is",
        ),
        (
            replace(_entry(), quality=(Quality("MMLU", 30.0, "llmfit"),) * 2),
            "two figures for MMLU",
        ),
    ],
)
def test_a_slip_is_found(broken: CatalogueEntry, said: str) -> None:
    assert said in _said(broken)


def test_a_wrong_file_size_is_found() -> None:
    entry = _entry()
    longer = replace(entry.files[0], size=entry.files[0].size * 105 // 100)
    assert "Q4_1 would be" in _said(replace(entry, files=(longer,)))
    odd = replace(entry.files[0], quantization="Q9_Z")
    assert "cannot be predicted" in _said(replace(entry, files=(odd,)))


def test_two_entries_of_one_name_are_found() -> None:
    said = _said(_entry(), replace(_entry(), id="another"), replace(_entry(), title="Another"))
    assert "the id smollm2-135m-instruct" in said
    assert "the title smollm2 135m instruct" in said


def test_a_source_that_nothing_refers_to_is_found() -> None:
    said = list(check.problems([_entry()], read.sources()))
    assert said
    assert all("nothing refers to it" in each for each in said)


def _set(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        *way, last = path.split("/")
        place: Any = document
        for step in way:
            place = place[int(step) if step.isdigit() else step]
        place[last] = value

    return change


@pytest.mark.parametrize(
    "broken",
    [
        _set("model/0/parameters", -1),
        _set("model/0/release", "October 2024"),
        _set("model/0/tasks", ["chatting"]),
        _set("model/0/licence/kind", "free"),
        _set("model/0/shape/layers", 0),
        _set("model/0/shape/window_width", 512),
        _set("model/0/quality", [{"benchmark": "MMLU", "value": 30}]),
        _set("model/0/quality", [{"benchmark": "MMLU", "value": 300, "source": "llmfit"}]),
        _set("model/0/beside", 5),
        _set("model/0/colour", "blue"),
        _set("source/llmfit/url", "http:/somewhere"),
        _set("source/llmfit/read", "yesterday"),
    ],
)
def test_the_schema_refuses(broken: Callable[[dict[str, Any]], None]) -> None:
    document = deepcopy(read.document())
    broken(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(document)
