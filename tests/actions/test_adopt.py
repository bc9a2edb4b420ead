"""Adopting models of other programs: found, proven, owned, run from where they are."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from freehold.actions.adopt import Candidate, adopt, find_elsewhere
from freehold.errors import FormatError, HashMismatch, NotFound, UsageError
from freehold.sources.elsewhere.surroundings import Surroundings
from freehold.store.model import Link
from freehold.store.store import Store

STRING, UINT16, INT32 = 8, 2, 5


def tiny_gguf(title: str, **entries: tuple[int, object]) -> bytes:
    """A GGUF with a header and no tensors: all that owning a model looks at."""
    known: dict[str, tuple[int, object]] = {
        "general.architecture": (STRING, "llama"),
        "general.name": (STRING, title),
        **{key.replace("__", "."): value for key, value in entries.items()},
    }
    out = b"GGUF" + struct.pack("<IQQ", 3, 0, len(known))
    for key, (kind, value) in known.items():
        out += struct.pack("<Q", len(key)) + key.encode() + struct.pack("<I", kind)
        if isinstance(value, str):
            out += struct.pack("<Q", len(value.encode())) + value.encode()
        else:
            out += struct.pack("<H" if kind == UINT16 else "<i", value)
    return out + bytes(-len(out) % 32)


def part(number: int, count: int) -> bytes:
    return tiny_gguf(
        f"part {number}",
        split__no=(UINT16, number - 1),
        split__count=(UINT16, count),
        split__tensors__count=(INT32, 0),
    )


@pytest.fixture
def user() -> Path:
    """The home folder of the made-up user."""
    return Path(os.environ["HOME"])


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(home) as opened:
        yield opened


def lms(user: Path, name: str, data: bytes) -> Path:
    path = user / ".lmstudio" / "models" / "pub" / name.removesuffix(".gguf") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def ollama(user: Path, layers: dict[str, bytes]) -> Path:
    models, listed = user / ".ollama" / "models", []
    (models / "blobs").mkdir(parents=True)
    for kind, data in layers.items():
        digest = hashlib.sha256(data).hexdigest()
        (models / "blobs" / f"sha256-{digest}").write_bytes(data)
        media = f"application/vnd.ollama.image.{kind}"
        listed.append({"mediaType": media, "digest": f"sha256:{digest}", "size": len(data)})
    manifest = models / "manifests" / "registry.ollama.ai" / "library" / "tiny" / "1b"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"layers": listed}))
    return models


def only(store: Store, *wishes: str) -> Candidate:
    (candidate,) = find_elsewhere(store, wishes, Surroundings(Path(os.environ["HOME"])))
    return candidate


def traces(folder: Path) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for path in sorted(folder.rglob("*")):
        stat = path.lstat()
        data = path.read_bytes() if path.is_file() else b""
        found.append((path, stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_mode, data))
    return found


def test_a_model_of_lm_studio_is_owned_with_its_facts_and_where_it_was_seen(
    store: Store, user: Path
) -> None:
    path = lms(user, "Tiny-Q4_0.gguf", tiny_gguf("Tiny", general__license=(STRING, "mit")))
    before = traces(user)
    done = adopt(store, only(store).found)
    assert done.model.name == "tiny-q4-0"
    assert done.model.facts["title"] == "Tiny"
    assert done.model.licence.kind == "open source"
    (seen,) = done.model.sightings
    assert (seen.ref, seen.url) == (f"file:{path}", None)
    assert done.ways[0] in {Link.REFLINK, Link.HARD_LINK}
    assert not done.was_owned
    assert traces(user) == before
    assert store.verify(done.model).ok


def test_a_model_of_ollama_keeps_its_name_its_parts_and_its_licence_text(
    store: Store, user: Path
) -> None:
    licence = (
        b"                                 Apache License\n                           Version 2.0"
    )
    layers = {"model": tiny_gguf("Tiny"), "template": b"{{ .Prompt }}", "license": licence}
    ollama(user, layers)
    model = adopt(store, only(store).found).model
    assert model.name == "tiny-1b"
    assert [file.role for file in model.files] == ["weights", "template", "licence"]
    assert model.sightings[0].ref == "ollama:tiny:1b"
    assert model.licence.text_digest == model.files[2].digest
    assert model.licence.spdx == "Apache-2.0"
    assert store.find("ollama:tiny:1b").id == model.id


def test_a_split_model_is_one_model(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "split"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"big-0000{number}-of-00002.gguf").write_bytes(part(number, 2))
    model = adopt(store, only(store, str(folder)).found).model
    assert (model.name, len(model.files)) == ("big", 2)


def test_parts_that_do_not_belong_together_are_refused(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "split"
    folder.mkdir()
    (folder / "big-00001-of-00002.gguf").write_bytes(part(1, 2))
    (folder / "big-00002-of-00002.gguf").write_bytes(tiny_gguf("another"))
    with pytest.raises(FormatError, match="is not a usable model"):
        adopt(store, only(store, str(folder)).found)
    assert store.models() == []


def test_what_is_owned_is_known_without_reading_it_and_named(store: Store, user: Path) -> None:
    lms(user, "tiny.gguf", tiny_gguf("Tiny"))
    first = only(store)
    assert first.wanted
    model = adopt(store, first.found).model
    again = only(store)
    assert not again.wanted
    assert again.owned == model
    assert adopt(store, again.found).was_owned


def test_a_file_that_was_written_since_is_wanted_anew(store: Store, user: Path) -> None:
    path = lms(user, "tiny.gguf", tiny_gguf("Tiny"))
    adopt(store, only(store).found)
    path.unlink()
    path.write_bytes(tiny_gguf("Tony"))
    os.utime(path, ns=(2**61, 2**61))
    assert only(store).wanted
    assert adopt(store, only(store).found).model.facts["title"] == "Tony"


def test_a_damaged_blob_of_ollama_is_named_and_not_owned(store: Store, user: Path) -> None:
    models = ollama(user, {"model": tiny_gguf("Tiny")})
    (blob,) = (models / "blobs").iterdir()
    data = bytearray(blob.read_bytes())
    data[-1] ^= 1
    blob.write_bytes(data)
    before = traces(user)
    with pytest.raises(HashMismatch, match="tiny:1b of Ollama is damaged") as caught:
        adopt(store, only(store).found)
    assert "freehold get ollama:tiny:1b" in str(caught.value.hint)
    assert store.models() == []
    assert traces(user) == before


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"not a model at all", "not a usable model"),
        (tiny_gguf("Lora", general__type=(STRING, "adapter")), "its header says 'adapter'"),
    ],
)
def test_what_is_no_model_is_refused_before_it_is_hashed(
    store: Store, user: Path, data: bytes, reason: str
) -> None:
    lms(user, "odd.gguf", data)
    with pytest.raises(FormatError, match=reason):
        adopt(store, only(store).found)
    assert not store.home.joinpath("blobs").exists()


def test_what_has_an_obstacle_is_listed_and_refused(store: Store, user: Path) -> None:
    lms(user, "model.safetensors", b"x")
    candidate = only(store)
    assert not candidate.wanted
    with pytest.raises(UsageError, match="it holds safetensors and no GGUF"):
        adopt(store, candidate.found)


def test_the_same_bytes_in_two_programs_are_one_model_seen_twice(store: Store, user: Path) -> None:
    data = tiny_gguf("Tiny")
    lms(user, "tiny.gguf", data)
    ollama(user, {"model": data})
    for candidate in find_elsewhere(store, here=Surroundings(user)):
        adopt(store, candidate.found)
    (model,) = store.models()
    assert len(model.sightings) == 2


def test_wishes_are_folders_files_or_parts_of_names(store: Store, user: Path) -> None:
    path = lms(user, "tiny.gguf", tiny_gguf("Tiny"))
    ollama(user, {"model": tiny_gguf("Other")})
    assert only(store, "ollama").found.program == "Ollama"
    assert only(store, "LM Studio").found.title == "pub/tiny"
    assert only(store, str(path)).found.program == "folder"
    assert only(store, str(path.parent)).found.files[0].path == path
    with pytest.raises(NotFound, match="no program here"):
        only(store, "nothing-of-the-kind")


def test_looking_writes_nothing(store: Store, user: Path) -> None:
    lms(user, "tiny.gguf", tiny_gguf("Tiny"))
    assert only(store).way is Link.HARD_LINK
    assert not store.home.exists()


def test_removal_leaves_the_other_program_what_it_had(store: Store, user: Path) -> None:
    lms(user, "tiny.gguf", tiny_gguf("Tiny"))
    before = traces(user)
    store.remove(adopt(store, only(store).found).model)
    assert traces(user) == before
