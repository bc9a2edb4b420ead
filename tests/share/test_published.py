"""A model as it is published: what goes along, under safe names, and what stays."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
import yaml

from freehold.errors import NotOwned
from freehold.names import Digest
from freehold.share import hugging_face, ollama
from freehold.share.published import PublishedModel, publish
from freehold.share.shelf import Shelf
from freehold.store.licences import classify
from freehold.store.model import (
    BlobRecord,
    Fact,
    FileState,
    HealthNote,
    Licence,
    OwnedFile,
    OwnedModel,
    Parent,
    Sighting,
    model_id,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def owned(
    *files: tuple[str, str],
    name: str = "apple",
    licence: Licence | None = None,
    refs: tuple[str, ...] = (),
    parents: tuple[Parent, ...] = (),
    **facts: Fact,
) -> OwnedModel:
    """A model of the records alone."""
    made = tuple(
        OwnedFile(path, role, Digest(hashlib.sha256(path.encode()).hexdigest()), 5)
        for path, role in files
    )
    return OwnedModel(
        model_id(made),
        name,
        made,
        licence or classify("MIT"),
        tuple(Sighting(ref, None, None, NOON) for ref in refs),
        NOON,
        facts,
        parents,
        tags=("mine",),
        notes="private words",
    )


def record(digest: Digest) -> BlobRecord:
    """As a store would have it."""
    good = HealthNote(FileState.OK, NOON)
    return BlobRecord(digest, 5, 1 << 20, digest.hex.encode()[:32], digest, NOON, 0, 0, good)


def published(*files: tuple[str, str], **known: object) -> PublishedModel:
    return publish(owned(*files, **known), record)  # type: ignore[arg-type]  # as `owned` takes them


def test_documents_go_along_and_the_sums_name_all_the_rest() -> None:
    model = published(("apple.gguf", "weights"), ("LICENSE", "licence"))
    paths = [file.path for file in model.files]
    assert paths == ["apple.gguf", "LICENSE", "README.md", "freehold.json", "SHA256SUMS"]
    sums = model.files[-1].data
    assert sums is not None
    assert [line.split("  ")[1] for line in sums.decode().splitlines()] == paths[:-1]


def test_a_readme_of_its_own_stays_and_names_are_made_safe() -> None:
    model = published(
        ("../../a.gguf", "weights"),
        ("README.md", "document"),
        ("SHA256SUMS", "document"),
        ("C:\\b.txt", "document"),
        ("sub/c.txt", "document"),
    )
    paths = [file.path for file in model.files]
    assert paths == [
        "a.gguf",
        "README.md",
        "2-SHA256SUMS",
        "b.txt",
        "sub/c.txt",
        "FREEHOLD.md",
        "freehold.json",
        "SHA256SUMS",
    ]


def test_the_same_model_gives_the_same_bytes_and_private_words_stay() -> None:
    one, other = published(("a.gguf", "weights")), published(("a.gguf", "weights"))
    assert one.files == other.files
    for file in one.files:
        assert b"private words" not in (file.data or b"")
        assert b"mine" not in (file.data or b"")


def test_the_head_of_the_card_is_yaml_and_its_text_cannot_break_out() -> None:
    model = published(
        ("a.gguf", "weights"),
        licence=classify(None, 'odd: "licence"\n---\n# heading'),
        refs=("hf:org/base:a.gguf",),
        parents=(Parent("b" * 64, "tuned", "<script>x</script>"),),
        title="*A*\n# B",
        architecture="llama",
    )
    (card,) = [file for file in model.files if file.path == "README.md"]
    text = (card.data or b"").decode()
    head = yaml.safe_load(text.split("\n---\n")[0])
    assert head["license"] == "other"
    assert head["base_model"] == "org/base"
    assert head["tags"] == ["gguf", "llama"]
    assert "\n# B" not in text
    assert "<script>" not in text


def test_a_file_without_a_record_is_not_published() -> None:
    with pytest.raises(NotOwned, match=r"a\.gguf of apple is not in the store"):
        publish(owned(("a.gguf", "weights")), lambda _: None)


def test_a_commit_changes_with_any_byte_and_with_nothing_else() -> None:
    def commit(*files: tuple[str, str], **known: object) -> str:
        return Shelf([published(*files, **known)]).repositories["freehold/apple"].commit

    first = commit(("a.gguf", "weights"))
    assert first == commit(("a.gguf", "weights"))
    assert first != commit(("b.gguf", "weights"))
    assert first != commit(("a.gguf", "weights"), licence=classify("Apache-2.0"))
    assert len(first) == 40


def test_what_ollama_has_no_form_for() -> None:
    split = published(("a-00001-of-00002.gguf", "weights"), ("a-00002-of-00002.gguf", "weights"))
    adapter = published(("lora.gguf", "weights"), kind="lora")
    tensors = published(("a.safetensors", "weights"), format="safetensors")
    assert [ollama.pack(each) for each in (split, adapter, tensors)] == [None] * 3


def test_a_template_in_jinja_is_not_given_to_ollama() -> None:
    packed = ollama.pack(
        published(("a.gguf", "weights"), ("chat.jinja", "template"), ("t.gotmpl", "template"))
    )
    assert packed is not None
    layers = json.loads(packed.manifest)["layers"]
    assert [layer["mediaType"].rpartition(".")[2] for layer in layers] == ["model", "template"]
    template = layers[1]["digest"].removeprefix("sha256:")
    assert packed.blobs[Digest(template)].path == "t.gotmpl"


def test_a_tree_has_folders_unless_all_is_asked_for() -> None:
    shelf = Shelf([published(("q4/a.gguf", "weights"), ("q4/b.txt", "document"))])
    repository = shelf.repositories["freehold/apple"]

    def paths(folder: str = "", *, recursive: bool = False) -> list[tuple[str, str]]:
        found = hugging_face.tree(repository, folder, recursive=recursive)
        return [(each["type"], each["path"]) for each in found]

    assert paths()[0] == ("directory", "q4")
    assert paths("q4") == [("file", "q4/a.gguf"), ("file", "q4/b.txt")]
    assert ("file", "q4/a.gguf") in paths(recursive=True)
    assert paths("q") == []
