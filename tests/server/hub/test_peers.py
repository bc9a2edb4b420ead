"""Getting a model from another Freehold: every byte proven, lineage and licence with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.server.hub.conftest import APPLE, Hub, Share
from tests.serving import FileServer

from freehold.actions.get import Got, get
from freehold.errors import FormatError, HashMismatch, NotFound, SourceError, UsageError
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.store import Store

Flip = Callable[[Path, int], None]


@pytest.fixture
def flip_bit() -> Flip:
    """Flip one bit of a file as a failing disk does: its size and times stay."""
    import os

    def flip(path: Path, bit: int) -> None:
        before = path.stat()
        path.chmod(0o644)
        with path.open("r+b") as file:
            file.seek(bit // 8)
            byte = file.read(1)[0]
            file.seek(bit // 8)
            file.write(bytes([byte ^ (1 << bit % 8)]))
        path.chmod(before.st_mode)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return flip


def get_from(home: Path, ref: str, *also: str) -> Got:
    with Store.open(home) as store:
        others = [ModelRef.parse(each) for each in also]
        return get(store, Settings(home=home), ModelRef.parse(ref), also=others)


def weights_at(home: Path) -> Path:
    with Store.open(home) as store:
        return store.blob_path(store.find("apple").weights.digest)


def test_a_peer_is_a_source_like_any_other(shared: Hub, home: Path) -> None:
    got = get_from(home, f"peer:{shared.host}/apple")
    model = got.model
    assert model.id == shared.sharing.shelf.models[0].id
    assert {file.role for file in model.files} == {"weights", "template", "licence"}
    assert model.licence.name == "Gemma Terms of Use"
    assert [parent.name for parent in model.parents] == ["Apple Base"]
    refs = {seen.ref for seen in model.sightings}
    assert refs == {f"peer:{shared.host}/apple", "hf:orchard/apples:apple-Q4_0.gguf@main"}
    assert model.notes == ""
    assert model.tags == ()


def test_by_the_digits_of_its_id_too(shared: Hub, home: Path) -> None:
    identity = shared.sharing.shelf.models[0].id
    assert get_from(home, f"peer:{shared.host}/{identity[:12]}").model.id == identity


def test_what_is_not_shared_is_not_there(shared: Hub, home: Path) -> None:
    with pytest.raises(NotFound) as caught:
        get_from(home, f"peer:{shared.host}/secret")
    assert "secret" not in str(caught.value.hint)
    with pytest.raises(NotFound) as caught:
        get_from(home, f"peer:{shared.host}/aple")
    assert caught.value.hint == "It shares apple, pear."


def test_a_wrong_chunk_alone_is_fetched_again_from_another(
    orchard: Path, my_orchard: Path, home: Path, share: Share, flip_bit: Flip
) -> None:
    bad, good = share(my_orchard, "apple"), share(orchard, "apple")
    flip_bit(weights_at(my_orchard), 8 * 2_500_000)
    got = get_from(home, f"peer:{bad.host}/apple", f"peer:{good.host}/apple")
    assert weights_at(home).read_bytes() == APPLE
    # The one bad chunk was asked for twice: nothing else was.
    weights = [file.size for file in got.model.files]
    assert sum(weights) <= got.fetched_bytes <= sum(weights) + (1 << 20)


def test_a_peer_alone_with_wrong_bytes_is_not_believed(
    my_orchard: Path, home: Path, share: Share, flip_bit: Flip
) -> None:
    hub = share(my_orchard, "apple")
    flip_bit(weights_at(my_orchard), 8 * 2_500_000)
    with pytest.raises(HashMismatch, match="chunk 2"):
        get_from(home, f"peer:{hub.host}/apple")
    with Store.open(home) as store:
        assert store.models() == []


def test_the_list_tells_nothing_private(shared: Hub) -> None:
    text = shared.ask("/freehold/models.json").data.decode()
    assert [each["name"] for each in json.loads(text)["models"]] == ["apple", "pear"]
    for private in ("what only I know", "mine", "/home/me", "secret"):
        assert private not in text


def test_chunk_hashes_are_those_of_the_file(shared: Hub) -> None:
    digest = hashlib.sha256(APPLE).hexdigest()
    chunks = shared.ask(f"/freehold/chunks/sha256:{digest}").data
    pieces = [APPLE[at : at + (1 << 20)] for at in range(0, len(APPLE), 1 << 20)]
    assert chunks == b"".join(hashlib.sha256(each).digest() for each in pieces)
    for path in ("chunks", "blobs"):
        assert shared.ask(f"/freehold/{path}/sha256:{'0' * 64}").status == 404


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"format": 9}, SourceError),
        ({"models": "all"}, SourceError),
        ({"models": [{"name": "apple"}]}, SourceError),
        ({"size": -1}, SourceError),
        ({"size": "big"}, SourceError),
        ({"digest": "md5:0"}, SourceError),
        ({"path": "../../.bashrc"}, SourceError),
        ({"path": "/etc/passwd"}, SourceError),
        ({"path": "con.gguf"}, SourceError),
        ({"root": "sha256:" + "0" * 64}, SourceError),
        ({"digest": "sha256:" + "1" * 64}, SourceError),
        ({"id": "sha256:" + "2" * 64, "documents": "all"}, SourceError),
        ({"role": "document"}, NotFound),
        ({"story": b'{"format":1,"id":"' + b"3" * 64 + b'"}'}, FormatError),
    ],
    ids=lambda value: str(value)[:30],
)
def test_peers_that_lie_get_nothing_in(
    shared: Hub, home: Path, change: dict[str, object], expected: type[Exception]
) -> None:
    change = dict(change)
    told = shared.ask("/freehold/models.json").json()
    told["models"] = [each for each in told["models"] if each["name"] == "apple"]
    (model,) = told["models"]
    del model["files"][1:]  # the weights alone, so that one lie is all there is
    with FileServer() as server:
        serve_story(server, model, change.pop("story", b"{}"))
        serve_apple(server)
        for key, value in change.items():
            place = model["files"][0] if key in model["files"][0] else model
            (told if key in told else place)[key] = value
        server.serve("/freehold/models.json", json.dumps(told).encode(), "application/json")
        with pytest.raises(expected):
            get_from(home, f"peer:{server.host}/apple")
    with Store.open(home) as store:
        assert store.models() == []


def serve_story(server: FileServer, model: dict[str, Any], story: object) -> None:
    """What is told beside the files."""
    (told,) = [each for each in model["documents"] if each["role"] == "provenance"]
    assert isinstance(story, bytes)
    server.serve(f"/freehold/blobs/{told['digest']}", story)


def serve_apple(server: FileServer) -> None:
    """The weights and their chunk hashes, as they are."""
    digest = hashlib.sha256(APPLE).hexdigest()
    pieces = [APPLE[at : at + (1 << 20)] for at in range(0, len(APPLE), 1 << 20)]
    server.serve(f"/freehold/blobs/sha256:{digest}", APPLE)
    chunks = b"".join(hashlib.sha256(each).digest() for each in pieces)
    server.serve(f"/freehold/chunks/sha256:{digest}", chunks)


@pytest.mark.parametrize("place", ["a@b", "host:port", "[::1", "host?x"])
def test_an_address_that_is_none_is_said(place: str, home: Path) -> None:
    with pytest.raises(UsageError, match="no address of a peer"):
        get_from(home, f"peer:{place}/apple")


def test_a_server_that_is_no_peer_is_said(home: Path) -> None:
    with FileServer() as server, pytest.raises(NotFound, match="no models in Freehold's way"):
        get_from(home, f"peer:{server.host}/apple")
