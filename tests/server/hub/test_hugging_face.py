"""The real huggingface_hub, and llama.cpp's way of asking, against a hub of ours."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get
from tests.server.hub.conftest import APPLE, LICENCE, Hub, Share

from freehold.store.licences import classify
from freehold.store.model import NewModel, OwnedFile, Sighting
from freehold.store.store import Store

NAMES = {"README.md", "LICENSE", "SHA256SUMS", "freehold.json", "apple-Q4_0.gguf"}


@pytest.fixture(autouse=True)
def _quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")


def test_a_snapshot_is_the_model_with_all_that_belongs_to_it(shared: Hub, tmp_path: Path) -> None:
    found = Path(snapshot_download("freehold/apple", endpoint=shared.address, cache_dir=tmp_path))
    assert {each.name for each in found.iterdir()} == NAMES | {"template.gotmpl"}
    assert (found / "apple-Q4_0.gguf").read_bytes() == APPLE
    assert (found / "LICENSE").read_bytes() == LICENCE
    for line in (found / "SHA256SUMS").read_text().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((found / name).read_bytes()).hexdigest() == digest
    # The client names what it keeps by the hash that it was told.
    blobs = (found.parent.parent / "blobs").iterdir()
    assert all(hashlib.sha256(each.read_bytes()).hexdigest() == each.name for each in blobs)


def test_the_card_says_licence_lineage_and_hashes_and_nothing_private(shared: Hub) -> None:
    card = shared.ask("/freehold/apple/resolve/main/README.md").data.decode()
    assert 'license: "other"' in card
    assert "Gemma Terms of Use" in card
    assert "its terms forbid certain uses" in card
    assert "Apple Base" in card
    assert hashlib.sha256(APPLE).hexdigest() in card
    assert "what only I know" not in card
    story = shared.ask("/freehold/pear/resolve/main/freehold.json").data.decode()
    assert "private" not in story


def test_it_is_also_there_under_the_name_it_was_got_by(shared: Hub, tmp_path: Path) -> None:
    path = hf_hub_download(
        "orchard/apples", "apple-Q4_0.gguf", endpoint=shared.address, cache_dir=tmp_path
    )
    assert Path(path).read_bytes() == APPLE


def test_an_interrupted_download_goes_on(shared: Hub, tmp_path: Path) -> None:
    # What came before has a mark in it: had the client begun again, it would be gone.
    path = tmp_path / "partial"
    path.write_bytes(b"mark" + APPLE[4:1_000_000])
    url = f"{shared.address}/freehold/apple/resolve/main/apple-Q4_0.gguf"
    with path.open("ab") as file:
        http_get(url, file, resume_size=1_000_000, expected_size=len(APPLE))
    assert path.read_bytes() == b"mark" + APPLE[4:]


def test_what_is_not_there_is_said_as_the_client_expects(shared: Hub, tmp_path: Path) -> None:
    api = HfApi(endpoint=shared.address)
    with pytest.raises(RepositoryNotFoundError):
        api.model_info("freehold/secret")
    with pytest.raises(RevisionNotFoundError):
        api.model_info("freehold/apple", revision="v2")
    with pytest.raises(EntryNotFoundError):
        hf_hub_download(
            "freehold/apple", "secret.gguf", endpoint=shared.address, cache_dir=tmp_path
        )


def test_the_library_lists_files_refs_and_models(shared: Hub) -> None:
    api = HfApi(endpoint=shared.address)
    assert set(api.list_repo_files("freehold/apple")) > NAMES
    (branch,) = api.list_repo_refs("freehold/apple").branches
    info = api.model_info("freehold/apple")
    assert branch.target_commit == info.sha
    assert {each.id for each in api.list_models()} == {
        "freehold/apple",
        "freehold/pear",
        "orchard/apples",
    }


def test_the_way_llama_cpp_asks(shared: Hub) -> None:
    (branch,) = shared.ask("/api/models/freehold/apple/refs").json()["branches"]
    commit = branch["targetCommit"]
    assert branch["name"] == "main"
    assert re.fullmatch("[0-9a-f]{40}", commit)
    tree = shared.ask(f"/api/models/freehold/apple/tree/{commit}?recursive=true").json()
    (weights,) = [each for each in tree if each["path"].endswith(".gguf")]
    assert weights["lfs"]["oid"] == hashlib.sha256(APPLE).hexdigest()
    path = f"/freehold/apple/resolve/{commit}/{weights['path']}"
    head = shared.ask(path, "HEAD")
    assert (head.status, head.headers["Accept-Ranges"]) == (200, "bytes")
    assert int(head.headers["Content-Length"]) == len(APPLE)
    rest = shared.ask(path, Range="bytes=3000000-")
    assert (rest.status, rest.data) == (206, APPLE[3_000_000:])


def test_two_models_from_one_repository_are_in_one_again(
    my_orchard: Path, tmp_path: Path, share: Share
) -> None:
    file = tmp_path / "apple-Q8_0.gguf"
    file.write_bytes(APPLE + b"more")
    with Store.open(my_orchard) as store:
        record = store.add_file(file, None, move=False)
        owned = OwnedFile(file.name, "weights", record.digest, record.size)
        seen = Sighting.now("hf:orchard/apples:apple-Q8_0.gguf")
        store.add_model(
            NewModel("apple-large", (owned,), classify("Apache-2.0"), sightings=(seen,))
        )
    hub = share(my_orchard, "apple", "apple-large")
    files = set(HfApi(endpoint=hub.address).list_repo_files("orchard/apples"))
    assert {"apple-Q4_0.gguf", "apple-Q8_0.gguf", "LICENSE"} < files
    sums = hub.ask("/orchard/apples/resolve/main/SHA256SUMS").data.decode()
    assert "apple-Q8_0.gguf" in sums
    assert "apple-Q4_0.gguf" in sums
    alone = HfApi(endpoint=hub.address).model_info("freehold/apple-large").sha
    assert HfApi(endpoint=hub.address).model_info("orchard/apples").sha != alone
