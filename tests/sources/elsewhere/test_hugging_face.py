"""The Hub's cache: snapshots of links, claims in blob names, several commits."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from freehold.sources.elsewhere.finder import find_models
from freehold.sources.interface import Role

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OLDER = "89abcdef0123456789abcdef0123456789abcdef"


def test_a_file_is_its_blob_with_the_hash_that_the_blob_is_named_by(machine: Any) -> None:
    folder = machine.hub("org/tiny-GGUF", {"sub/tiny.gguf": b"GGUF tiny", "README.md": b"#"})
    (model,) = find_models(machine.here)
    (file,) = model.files
    digest = hashlib.sha256(b"GGUF tiny").hexdigest()
    assert file.path == folder.resolve() / "blobs" / digest
    assert (file.name, file.size, file.role) == ("sub/tiny.gguf", 9, Role.WEIGHTS)
    assert file.sha256 is not None
    assert file.sha256.hex == digest
    assert model.ref == f"hf:org/tiny-GGUF:sub/tiny.gguf@{COMMIT}"
    assert model.revision == COMMIT


def test_each_quantization_is_a_model_and_the_parts_of_a_split_one_are_one(machine: Any) -> None:
    names = ("a-Q4_0.gguf", "a-Q8_0-00001-of-00002.gguf", "a-Q8_0-00002-of-00002.gguf")
    machine.hub("org/a", {name: name.encode() for name in names})
    assert [len(model.files) for model in find_models(machine.here)] == [1, 2]


def test_a_split_model_without_all_its_parts_is_not_adoptable(machine: Any) -> None:
    machine.hub("org/a", {"a-00001-of-00003.gguf": b"1", "a-00003-of-00003.gguf": b"3"})
    (model,) = find_models(machine.here)
    assert model.obstacle == "1 of its 3 parts are missing"


def test_a_projector_goes_with_the_models_beside_it(machine: Any) -> None:
    machine.hub("org/v", {"v.gguf": b"v", "mmproj-v-f32.gguf": b"32", "mmproj-v-f16.gguf": b"16"})
    (model,) = find_models(machine.here)
    assert [(f.name, f.role) for f in model.files] == [
        ("v.gguf", Role.WEIGHTS),
        ("mmproj-v-f16.gguf", Role.PROJECTOR),
    ]


def test_the_same_file_in_two_commits_is_found_once_under_the_commit_of_main(machine: Any) -> None:
    for commit in (OLDER, COMMIT):
        machine.hub("org/a", {"a.gguf": b"same"}, commit)
    machine.hub("org/a", {"old.gguf": b"old"}, OLDER)
    found = {model.files[0].name: model.revision for model in find_models(machine.here)}
    assert found == {"a.gguf": COMMIT, "old.gguf": OLDER}


def test_a_link_whose_blob_is_gone_is_no_model(machine: Any) -> None:
    folder = machine.hub("org/a", {"a.gguf": b"a"})
    for blob in (folder / "blobs").iterdir():
        blob.unlink()
    assert list(find_models(machine.here)) == []


def test_a_name_that_is_no_reference_is_still_found(machine: Any) -> None:
    machine.hub("gpt2", {"gpt2.gguf": b"a"})
    (model,) = find_models(machine.here)
    assert model.ref is None
    assert model.title == "gpt2:gpt2.gguf"


@pytest.mark.parametrize(
    ("variable", "inside"),
    [("HF_HUB_CACHE", "."), ("HF_HOME", "hub"), ("XDG_CACHE_HOME", "huggingface/hub")],
)
def test_the_variables_that_move_it_are_followed(machine: Any, variable: str, inside: str) -> None:
    moved = machine.home / "moved"
    machine.hub_at(moved / inside, "org/a", {"a.gguf": b"a"})
    here = replace(machine.here, environment={variable: "~/moved"})
    assert [model.title for model in find_models(here)] == ["org/a:a.gguf"]
