"""Models at web addresses."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import pytest

from freehold.errors import NotFound, SourceError, UsageError
from freehold.names import Digest, ModelRef
from freehold.sources.interface import Role
from freehold.sources.url import UrlSource
from freehold.transfer.http import HttpClient

if TYPE_CHECKING:
    from tests.sources.conftest import Site

BODY = b"GGUF" + bytes(5000)
DIGEST = Digest(hashlib.sha256(BODY).hexdigest())
BASE64 = base64.b64encode(bytes.fromhex(DIGEST.hex)).decode()


@pytest.fixture
def source(client: HttpClient) -> UrlSource:
    return UrlSource(client)


def test_a_file_is_offered_without_fetching_it(source: UrlSource, site: Site) -> None:
    url = site.put("/dir/tiny%20model.gguf?download=true", BODY)
    offer = source.resolve(ModelRef.parse(url))
    (file,) = offer.files
    assert (file.name, file.role, file.size) == ("tiny model.gguf", Role.WEIGHTS, len(BODY))
    assert file.pieces[0].remote.urls == (url,)
    assert (file.sha256, offer.title) == (None, "tiny model")
    assert site.sent == 1


def test_a_server_without_ranges_tells_the_size_too(source: UrlSource, site: Site) -> None:
    url = site.put("/m.gguf", BODY, ranges=False)
    assert source.resolve(ModelRef.parse(url)).files[0].size == len(BODY)


def test_the_name_that_the_server_gives_wins(source: UrlSource, site: Site) -> None:
    header = {"Content-Disposition": 'attachment; filename="../../up/real-name.gguf"'}
    url = site.put("/download/17", BODY, headers=header)
    assert source.resolve(ModelRef.parse(url)).files[0].name == "real-name.gguf"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Linked-ETag": f'"{DIGEST.hex}"'},
        {"Repr-Digest": f"sha-512=:AAAA:, sha-256=:{BASE64}:"},
        {"Digest": f"SHA-256={BASE64}"},
    ],
)
def test_a_hash_that_the_server_tells_is_used(
    source: UrlSource, site: Site, headers: dict[str, str]
) -> None:
    (file,) = source.resolve(ModelRef.parse(site.put("/m.gguf", BODY, headers=headers))).files
    assert file.sha256 == file.pieces[0].remote.sha256 == DIGEST


@pytest.mark.parametrize(
    "headers",
    [{"Digest": "sha-256=zzz"}, {"Repr-Digest": "sha-256=:AAAA:"}, {"X-Linked-ETag": "a"}],
)
def test_a_hash_that_is_none_is_passed_over(
    source: UrlSource, site: Site, headers: dict[str, str]
) -> None:
    (file,) = source.resolve(ModelRef.parse(site.put("/m.gguf", BODY, headers=headers))).files
    assert file.sha256 is None


def test_a_hash_in_the_address_wins(source: UrlSource, site: Site) -> None:
    url = site.put("/m.gguf", BODY, headers={"Digest": f"sha-256={BASE64}"})
    (file,) = source.resolve(ModelRef.parse(f"{url}#sha256={'AB' * 32}")).files
    assert file.sha256 == Digest("ab" * 32)
    assert "#" not in file.pieces[0].remote.urls[0]


def test_a_split_model_is_one_of_several_files(source: UrlSource, site: Site) -> None:
    for number in (1, 2, 3):
        site.put(f"/m-0000{number}-of-00003.gguf?x=1", BODY * number)
    offer = source.resolve(ModelRef.parse(f"{site.url}/m-00002-of-00003.gguf?x=1"))
    assert [file.size for file in offer.files] == [len(BODY), 2 * len(BODY), 3 * len(BODY)]
    assert offer.title == "m"


def test_a_split_model_without_one_of_its_parts(source: UrlSource, site: Site) -> None:
    site.put("/m-00001-of-00002.gguf", BODY)
    with pytest.raises(NotFound, match="m-00002-of-00002"):
        source.resolve(ModelRef.parse(f"{site.url}/m-00001-of-00002.gguf"))
    with pytest.raises(SourceError, match="99,999 parts"):
        source.resolve(ModelRef.parse(f"{site.url}/m-00001-of-99999.gguf"))


def test_a_web_page_is_no_model(source: UrlSource, site: Site) -> None:
    url = site.put("/m.gguf", "<html>", headers={"Content-Type": "text/html; charset=utf-8"})
    with pytest.raises(NotFound, match="web page"):
        source.resolve(ModelRef.parse(url))


def test_plain_http_needs_a_hash(source: UrlSource) -> None:
    with pytest.raises(UsageError, match="not encrypted"):
        source.resolve(ModelRef.parse("http://models.example/m.gguf"))


def test_a_login_in_the_address_is_refused(source: UrlSource) -> None:
    with pytest.raises(UsageError, match="login"):
        source.resolve(ModelRef.parse("https://me:secret@models.example/m.gguf"))
