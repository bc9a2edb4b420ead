"""A hub that proves whose it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.server.hub.conftest import Hub, Share

from freehold.share.introduction import read_introduction
from freehold.share.signing.identity import own_identity

NONCE = "5a" * 16
HELLO = f"/freehold/hello?nonce={NONCE}"


def test_its_proof_is_over_the_list_that_it_gives(
    orchard: Path, share: Share, tmp_path: Path
) -> None:
    ana = own_identity(tmp_path / "ana", "Ana's laptop")
    hub = share(orchard, "apple", identity=ana)
    proof = read_introduction(hub.ask(HELLO).data, NONCE, hub.host)
    assert proof is not None
    assert proof.key == ana.key
    listing = hub.ask("/freehold/models.json")
    assert listing.headers["Content-Type"] == "application/json"
    assert hashlib.sha256(listing.data).hexdigest() == proof.listing.hex
    assert hub.ask(HELLO).headers["Cache-Control"] == "no-store"


def test_the_proof_names_the_port_it_listens_at_whatever_is_asked(
    orchard: Path, share: Share, tmp_path: Path
) -> None:
    hub = share(orchard, "apple", identity=own_identity(tmp_path / "ana", "Ana"))
    answer = hub.ask(HELLO, Host="127.0.0.1:9")
    assert read_introduction(answer.data, NONCE, hub.host) is not None
    for host in ("LOCALHOST", f"localhost:{hub.port}"):
        data = hub.ask(HELLO, Host=host).data
        assert read_introduction(data, NONCE, f"localhost:{hub.port}") is not None
    assert hub.ask(HELLO, Host="10.9.9.9").status == 403


def test_without_a_key_it_says_so(shared: Hub) -> None:
    assert shared.ask(HELLO).json() == {"format": 1, "key": None}


@pytest.mark.parametrize("query", ["", "?nonce=", "?nonce=abc", "?nonce=" + "a" * 4000])
def test_nobody_gets_a_proof_that_could_be_kept(shared: Hub, query: str) -> None:
    assert shared.ask("/freehold/hello" + query).status == 400
