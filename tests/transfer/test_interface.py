"""A file with several addresses: what goes to which of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from freehold.progress import SILENT
from freehold.transfer.backoff import Patience
from freehold.transfer.fetch import Fetcher
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile

if TYPE_CHECKING:
    from tests.transfer.conftest import Server

TOKEN = (("Authorization", "Bearer secret"),)


def test_a_token_stays_with_the_host_it_was_given_for() -> None:
    remote = RemoteFile(("https://a/x", "https://b/x", "https://a/y"), headers=TOKEN)
    assert remote.headers_for("https://a/y") == {"Authorization": "Bearer secret"}
    assert remote.headers_for("https://b/x") == {}
    assert remote.headers_for("http://a/x") == {}
    assert remote.without("https://a/x").headers == ()
    assert remote.without("https://b/x").headers == TOKEN
    assert remote.mirrored("https://b/x", "https://c/x").urls[-1] == "https://c/x"


def test_an_address_that_stands_in_never_sees_the_token(
    server: Server,
    other_server: Server,
    client: HttpClient,
    patience: Patience,
    target: Path,
    blob: bytes,
) -> None:
    urls = (
        server.serve("/f", blob, cut_after=2_000_000, etag='"1"'),
        other_server.serve("/f", blob, etag='"1"'),
    )
    remote = RemoteFile(urls, size=len(blob), headers=TOKEN)
    with SILENT.task("f") as task:
        Fetcher(client, patience=patience).fetch(remote, target, task)
    assert target.read_bytes() == blob
    assert any("Authorization" in asked.headers for asked in server.asked("/f"))
    assert other_server.asked("/f")
    assert not any("Authorization" in asked.headers for asked in other_server.asked("/f"))
