"""Loopback as a network on which everybody hears everybody, where the machine allows that."""

from __future__ import annotations

import pytest

from freehold.errors import UsageError
from freehold.share.discovery.group import Group, Network, networks


def loopback_alone() -> tuple[Network, ...]:
    """The one network that tests may ask. Skips the test where nothing can be heard on it."""
    found = tuple(each for each in networks() if each.interface.ip.is_loopback)
    try:
        with Group(found) as opened:
            opened.send(b"\0" * 12, found[0])
            heard = opened.receive(5)
    except UsageError as error:
        pytest.skip(f"multicast on loopback: {error.message}")
    if heard is None:
        pytest.skip("multicast on loopback is not heard here")
    return found
