"""What a change has made is owned whole or not at all."""

from __future__ import annotations

import pytest

from freehold.actions.making import Made, own_made
from freehold.errors import FormatError
from freehold.store.store import Store


def test_a_file_that_is_no_model_leaves_nothing(store: Store) -> None:
    with pytest.raises(FormatError):
        own_made(store, Made("odd", ()), lambda file: file.write(b"no model at all"))
    assert store.models() == []
    assert store.unfinished() == []
