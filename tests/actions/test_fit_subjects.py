"""Models as fit judges them, from the catalogue and from owned files."""

from __future__ import annotations

from pathlib import Path

from freehold.actions.fit_subjects import LADDER, catalogue_subjects, owned_subject
from freehold.actions.get import get
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.store import Store


def test_every_model_of_the_catalogue_is_there_in_every_packing() -> None:
    subjects = {each.name: each for each in catalogue_subjects()}
    small = subjects["smollm2-135m-instruct"]
    assert [build.quantization for build in small.builds] == list(LADDER)
    sizes = [build.shape.size for build in small.builds]
    assert sizes == sorted(sizes, reverse=True)
    assert small.builds[0].ref == "hf:unsloth/SmolLM2-135M-Instruct-GGUF:Q8_0"
    (only,) = subjects["gpt-oss-20b"].builds
    assert only.quantization == "MXFP4", "as its makers packed it"
    for subject in subjects.values():
        assert subject.builds or subject.unknown, subject.name
        assert subject.tasks


def test_what_only_embeds_does_not_write() -> None:
    subjects = {each.name: each for each in catalogue_subjects()}
    assert not subjects["bge-m3"].writes
    assert subjects["qwen3-8b"].writes


def test_an_owned_model_is_judged_by_its_own_header(owned_home: Path) -> None:
    with Store.open(owned_home) as store:
        subject = owned_subject(store, store.find("smollm2"), Settings(home=owned_home))
    (build,) = subject.builds
    assert build.quantization == "Q4_1"
    assert build.shape.parameters == 134_515_008
    assert subject.owned
    assert subject.tasks == ("chat",)
    assert subject.licence_kind == "open source"


def test_one_that_cannot_be_read_says_why(home: Path, tiny: Path, tmp_path: Path) -> None:
    with Store.open(home) as store:
        got = get(store, Settings(home=home), ModelRef.parse(str(tiny)))
        store.blob_path(got.model.weights.digest).unlink()
        subject = owned_subject(store, got.model, Settings(home=home))
    assert subject.builds == ()
    assert "cannot be read" in (subject.unknown or "")


def test_another_format_says_so(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"x" * 100)
    with Store.open(home) as store:
        got = get(store, Settings(home=home), ModelRef.parse(str(path)))
        subject = owned_subject(store, got.model, Settings(home=home))
    assert "kept as safetensors" in (subject.unknown or "")
