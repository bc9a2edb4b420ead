"""What others need to come in: addresses that are not loopback, and a key that is shown once."""

from __future__ import annotations

import ipaddress
from pathlib import Path

from freehold.actions.api_keys import ApiKeys
from freehold.actions.invitation import Invitation, invite, local_addresses


def test_a_key_is_made_when_there_is_none_and_only_then(home: Path) -> None:
    first = invite(home, 2411)
    assert first.secret is not None
    assert ApiKeys(home).check(first.secret) is not None
    assert invite(home, 2411).secret is None
    assert len(ApiKeys(home).all()) == 1


def test_the_addresses_are_those_that_others_can_reach() -> None:
    for address in local_addresses():
        assert not ipaddress.ip_address(address).is_loopback


def test_the_link_carries_the_key_where_no_server_sees_it() -> None:
    link = Invitation(("http://192.168.1.7:2411",), (), "fh-secret").link
    assert link == "http://192.168.1.7:2411/login#fh-secret"
    assert Invitation((), (), "fh-secret").link is None
    assert Invitation(("http://192.168.1.7:2411",), (), None).link is None
