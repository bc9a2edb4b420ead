"""Models on a server shaped like the Hub; the unmodified `huggingface_hub` client accepts it."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest

from freehold.errors import AccessDenied, NotFound, SourceError, UsageError
from freehold.names import Digest, ModelRef
from freehold.settings import Settings
from freehold.sources.hub_api import HubApi
from freehold.sources.huggingface import HuggingFaceSource
from freehold.sources.interface import Offer, Role
from freehold.sources.registry import source_for
from freehold.transfer.fetch import Fetcher
from freehold.transfer.http import HttpClient

if TYPE_CHECKING:
    from tests.sources.conftest import Page, Site

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MODEL = random.Random(4).randbytes(200_000)
PAGE_SIZE = 3


class Hub:
    """Repositories on a site, told as the Hub tells them."""

    def __init__(self, site: Site, storage: Site, page: type[Page]) -> None:
        self.site, self.storage, self.page = site, storage, page
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.info: dict[str, dict[str, Any]] = {}
        self.token: str | None = None
        self.accepted: str | None = None
        """The token with which gated files may be had."""
        site.answer, storage.answer = self.answer, self.store

    def add(self, name: str, files: Mapping[str, bytes], **info: Any) -> None:
        self.repositories[name] = dict(files)
        self.info[name] = info

    def answer(self, method: str, path: str, sent: dict[str, str]) -> Page | None:
        parts = urlsplit(path)
        route = parts.path
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/(revision|tree)/([^/]+)", route):
            return self._api(found[1], found[2], unquote(found[3]), parts.query)
        if found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", route):
            return self._resolve(found[1], unquote(found[3]), sent)
        return None

    def store(self, method: str, path: str, sent: dict[str, str]) -> Page | None:
        """The other host that large files come from."""
        _, owner, name, file = path.split("/", 3)
        return self.page(self.repositories[f"{owner}/{name}"][file])

    def _error(self, status: int, code: str) -> Page:
        headers = {"X-Error-Code": code, "X-Error-Message": "no", "Content-Type": "text/plain"}
        return self.page(b"no", headers, status)

    def _api(self, name: str, kind: str, revision: str, query: str) -> Page:
        if name not in self.repositories:
            return self._error(401, "RepoNotFound")
        if revision not in ("main", "v1", "a/b", COMMIT):
            return self._error(404, "RevisionNotFound")
        head = {"Content-Type": "application/json; charset=utf-8"}
        files = self.repositories[name]
        if kind == "revision":
            siblings = [{"rfilename": path} for path in files]
            told = {"id": name, "sha": COMMIT, "siblings": siblings, **self.info[name]}
            return self.page(json.dumps(told).encode(), head)
        first = int(dict(re.findall(r"(\w+)=(\w+)", query)).get("cursor", 0))
        listed = [self._entry(*item) for item in list(files.items())[first : first + PAGE_SIZE]]
        if first + PAGE_SIZE < len(files):
            following = f"/api/models/{name}/tree/{revision}?recursive=true"
            head["Link"] = f'<{self.site.url}{following}&cursor={first + PAGE_SIZE}>; rel="next"'
        return self.page(json.dumps(listed).encode(), head)

    def _entry(self, path: str, body: bytes) -> dict[str, Any]:
        told: dict[str, Any] = {"type": "file", "path": path, "size": len(body)}
        told["oid"] = hashlib.sha1(b"blob %d\0%s" % (len(body), body)).hexdigest()
        if path.endswith((".gguf", ".safetensors")):
            told["lfs"] = {
                "oid": hashlib.sha256(body).hexdigest(), "size": len(body), "pointerSize": 130,
            }  # fmt: skip
        return told

    def _resolve(self, name: str, path: str, sent: dict[str, str]) -> Page:
        files = self.repositories.get(name, {})
        if path not in files:
            return self._error(404, "EntryNotFound")
        key = sent.get("authorization")
        if self.info[name].get("gated") and key != f"Bearer {self.accepted}":
            return self._error(403 if key else 401, "GatedRepo")
        body = files[path]
        entry = self._entry(path, body)
        head = {"X-Repo-Commit": COMMIT, "ETag": f'"{entry["oid"]}"'}
        if "lfs" not in entry:
            return self.page(body, head)
        head |= {
            "X-Linked-ETag": f'"{entry["lfs"]["oid"]}"',
            "X-Linked-Size": str(len(body)),
            "Location": f"{self.storage.url}/{name}/{path}",
        }
        return self.page(b"", head, 302)


@pytest.fixture
def hub(site: Site, other_site: Site) -> Hub:
    site.put("/", "")
    return Hub(site, other_site, type(site.pages.pop("/")))


def resolve(client: HttpClient, hub: Hub, ref: str, token: str | None = None) -> Offer:
    source = HuggingFaceSource(HubApi(client, hub.site.url, token))
    return source.resolve(ModelRef.parse(f"hf:{ref}"))


GGUFS = {f"tiny-{quant}.gguf": MODEL + quant.encode() for quant in ("Q2_K", "Q4_K_M", "Q8_0")}
CARD = {"cardData": {"license": "apache-2.0", "base_model": "a/b"}, "gated": False}


class Quiet:
    def advance(self, amount: int) -> None: ...

    def total(self, amount: int) -> None: ...


def test_our_source_and_their_client_get_the_same_bytes(
    client: HttpClient, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is no straw man: the Hub's own client takes it for the Hub."""
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    theirs = pytest.importorskip("huggingface_hub")
    hub.add("org/tiny", {**GGUFS, "README.md": b"hello"}, **CARD)
    cached = theirs.snapshot_download(
        "org/tiny", endpoint=hub.site.url, cache_dir=tmp_path / "cache", token=False
    )
    offer = resolve(client, hub, "org/tiny")
    for file in offer.files:
        Fetcher(client).fetch(file.pieces[0].remote, tmp_path / "ours", Quiet())
        ours = (tmp_path / "ours").read_bytes()
        assert ours == (Path(cached) / file.name).read_bytes()
        (tmp_path / "ours").unlink()
        (tmp_path / "ours.progress").unlink()


def test_an_offer_has_commit_hash_licence_and_what_else_there_is(
    client: HttpClient, hub: Hub
) -> None:
    hub.add("org/tiny", {"LICENSE": b"terms", **GGUFS, "x.bin": b"x", "README.md": b"hi"}, **CARD)
    offer = resolve(client, hub, "org/tiny")
    assert [(file.name, file.role) for file in offer.files] == [
        ("tiny-Q4_K_M.gguf", Role.WEIGHTS),
        ("LICENSE", Role.LICENCE),
        ("README.md", Role.DOCUMENT),
    ]
    weights = offer.files[0]
    assert weights.sha256 == Digest(hashlib.sha256(GGUFS["tiny-Q4_K_M.gguf"]).hexdigest())
    assert weights.pieces[0].remote.sha256 == weights.sha256
    assert weights.pieces[0].remote.urls == (
        f"{hub.site.url}/org/tiny/resolve/{COMMIT}/tiny-Q4_K_M.gguf",
    )
    assert (offer.revision, offer.licence.spdx) == (COMMIT, "Apache-2.0")
    assert [file.name for file in offer.alternatives] == ["tiny-Q2_K.gguf", "tiny-Q8_0.gguf"]
    assert offer.homepage == f"{hub.site.url}/org/tiny"


@pytest.mark.parametrize("wish", ["Q8_0", "q8_0", "tiny-Q8_0.gguf"])
def test_a_file_may_be_named(client: HttpClient, hub: Hub, wish: str) -> None:
    hub.add("org/tiny", GGUFS, **CARD)
    assert resolve(client, hub, f"org/tiny:{wish}").files[0].name == "tiny-Q8_0.gguf"


@pytest.mark.parametrize("revision", ["main", "v1", "a/b", COMMIT])
def test_a_revision_may_be_named(client: HttpClient, hub: Hub, revision: str) -> None:
    hub.add("org/tiny", GGUFS, **CARD)
    assert resolve(client, hub, f"org/tiny@{revision}").revision == COMMIT


def test_a_split_model_is_all_its_parts(client: HttpClient, hub: Hub) -> None:
    parts = {f"Q4_K_M/big-Q4_K_M-0000{n}-of-00003.gguf": MODEL + b"%d" % n for n in (1, 2, 3)}
    hub.add("org/big", {**GGUFS, **parts}, **CARD)
    offer = resolve(client, hub, "org/big:Q4_K_M/big-Q4_K_M.gguf")
    assert [file.name for file in offer.files] == list(parts)


def test_eyes_come_along_and_what_is_no_model_does_not(client: HttpClient, hub: Hub) -> None:
    others = {"mmproj-tiny-BF16.gguf": b"1", "mmproj-tiny-F16.gguf": b"2", "imatrix.gguf": b"3"}
    hub.add("org/tiny", {**others, **GGUFS}, **CARD)
    offer = resolve(client, hub, "org/tiny")
    assert [(file.name, file.role) for file in offer.files] == [
        ("tiny-Q4_K_M.gguf", Role.WEIGHTS),
        ("mmproj-tiny-F16.gguf", Role.PROJECTOR),
    ]


def test_without_gguf_it_is_safetensors_with_what_belongs_to_them(
    client: HttpClient, hub: Hub
) -> None:
    names = [
        "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json", "tokenizer.json", "training.log",
    ]  # fmt: skip
    hub.add("org/raw", {name: name.encode() for name in names}, **CARD)
    offer = resolve(client, hub, "org/raw")
    assert sorted(file.name for file in offer.files) == names[:-1]
    assert [file.role for file in offer.files[:2]] == [Role.WEIGHTS] * 2


@pytest.mark.parametrize(
    ("card", "spdx", "name"),
    [
        ({"license": "gemma"}, None, "Gemma Terms of Use"),
        ({"license": "other", "license_name": "tiny-terms"}, None, "tiny-terms"),
        ({"license": ["mit", "x"]}, "MIT", "mit"),
        ({"license": "other"}, None, None),
        ({}, None, None),
    ],
)
def test_the_licence_is_that_of_the_card(
    client: HttpClient, hub: Hub, card: dict[str, Any], spdx: str | None, name: str | None
) -> None:
    hub.add("org/tiny", GGUFS, cardData=card)
    licence = resolve(client, hub, "org/tiny").licence
    assert (licence.spdx, licence.name) == (spdx, name)


class TestRefusals:
    def test_a_gate_is_explained_before_anything_is_fetched(
        self, client: HttpClient, hub: Hub
    ) -> None:
        hub.add("org/gated", GGUFS, gated="auto")
        with pytest.raises(AccessDenied, match="is gated") as caught:
            resolve(client, hub, "org/gated")
        assert "set HF_TOKEN" in str(caught.value.hint)
        assert f"{hub.site.url}/org/gated" in str(caught.value.hint)

    def test_a_token_without_access_is_told_apart(self, client: HttpClient, hub: Hub) -> None:
        hub.add("org/gated", GGUFS, gated="manual")
        with pytest.raises(AccessDenied, match="has no access to it yet"):
            resolve(client, hub, "org/gated", "mine")

    def test_a_token_with_access_opens_it(
        self, client: HttpClient, hub: Hub, tmp_path: Path
    ) -> None:
        hub.add("org/gated", GGUFS, gated="manual")
        hub.accepted = "mine"
        (file,) = resolve(client, hub, "org/gated", "mine").files
        Fetcher(client).fetch(file.pieces[0].remote, tmp_path / "ours", Quiet())
        assert (tmp_path / "ours").read_bytes() == GGUFS[file.name]
        assert all("authorization" not in sent for _, _, sent in hub.storage.asked)
        assert hub.storage.asked

    def test_an_absent_repository(self, client: HttpClient, hub: Hub) -> None:
        with pytest.raises(NotFound, match="has no repository org/absent, or keeps it private"):
            resolve(client, hub, "org/absent")

    def test_an_absent_revision(self, client: HttpClient, hub: Hub) -> None:
        hub.add("org/tiny", GGUFS)
        with pytest.raises(NotFound, match="no revision v9"):
            resolve(client, hub, "org/tiny@v9")

    def test_an_absent_file_names_those_that_are_there(self, client: HttpClient, hub: Hub) -> None:
        hub.add("org/tiny", GGUFS)
        with pytest.raises(NotFound, match="no file called 'Q5'") as caught:
            resolve(client, hub, "org/tiny:Q5")
        assert "tiny-Q4_K_M.gguf" in str(caught.value.hint)

    def test_a_repository_without_a_model(self, client: HttpClient, hub: Hub) -> None:
        hub.add("org/none", {"pytorch_model.bin": b"x"})
        with pytest.raises(NotFound, match=r"no \.gguf"):
            resolve(client, hub, "org/none")

    @pytest.mark.parametrize("body", [b"[]", b"{}", b'{"sha": "main"}', b"no", b'{"sha": 3}'])
    def test_a_server_that_is_no_hub(self, client: HttpClient, site: Site, body: bytes) -> None:
        site.put("/api/models/org/tiny/revision/main", body)
        api = HubApi(client, site.url, None)
        with pytest.raises(SourceError):
            HuggingFaceSource(api).resolve(ModelRef.parse("hf:org/tiny"))

    def test_a_list_without_end(self, client: HttpClient, hub: Hub) -> None:
        path = f"/api/models/org/tiny/tree/{COMMIT}?recursive=true"
        hub.add("org/tiny", GGUFS)
        link = {"Link": f'<{path}>; rel="next"'}
        hub.site.put(path, "[]", headers=link)
        with pytest.raises(SourceError, match="does not end"):
            resolve(client, hub, "org/tiny")

    def test_a_list_that_leads_elsewhere(self, client: HttpClient, hub: Hub) -> None:
        path = f"/api/models/org/tiny/tree/{COMMIT}?recursive=true"
        hub.add("org/tiny", GGUFS)
        hub.site.put(path, "[]", headers={"Link": '<http://127.0.0.1:9/x>; rel="next"'})
        with pytest.raises(SourceError, match="another host"):
            resolve(client, hub, "org/tiny", "mine")

    def test_a_token_never_travels_in_the_open(self, client: HttpClient) -> None:
        with pytest.raises(UsageError, match="without encryption"):
            HubApi(client, "http://models.example", "mine")


def test_settings_choose_the_hub(client: HttpClient, hub: Hub) -> None:
    hub.add("org/tiny", GGUFS)
    settings = Settings.load({"FREEHOLD_HOME": "x", "HF_ENDPOINT": f"{hub.site.url}/"})
    ref = ModelRef.parse("hf:org/tiny")
    offer = source_for(ref, settings, lambda: client).resolve(ref)
    assert offer.files[0].name == "tiny-Q4_K_M.gguf"
