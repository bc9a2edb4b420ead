"""What is signed, written and read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.share.signing.conftest import WHEN

from freehold.errors import FormatError
from freehold.share.signing.statement import read_statement, statement_of, write_statement
from freehold.store.model import OwnedModel


def test_a_statement_comes_back_as_it_was(parrot: OwnedModel) -> None:
    statement = statement_of(parrot, "Ana", WHEN)
    back = read_statement(write_statement(statement))
    assert set(back.files) == set(parrot.files)
    assert (back.id, back.licence, back.parents) == (parrot.id, parrot.licence, parrot.parents)
    assert (back.signer, back.signed_at, back.name) == ("Ana", WHEN, "parrot")
    assert write_statement(back) == write_statement(statement)


def _drop(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda body: body.pop(name)


def _put(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda body: body.update({name: value})


def _in_file(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda body: body["files"][1].update({name: value})


@pytest.mark.parametrize(
    "change",
    [
        _put("format", 2),
        _drop("format"),
        _drop("files"),
        _put("files", []),
        _put("files", 7),
        _put("signer", "two\nlines"),
        _put("signer", ""),
        _put("signed_at", "2026-11-25T12:00:00"),
        _put("signed_at", "yesterday"),
        _put("id", "b" * 64),
        _put("licence", None),
        _put("parents", [{}]),
        _in_file("sha256", "0" * 64),
        _in_file("sha256", "short"),
        _in_file("size", -1),
        _in_file("size", True),
        _in_file("size", 1.5),
        _in_file("role", None),
    ],
)
def test_a_statement_without_its_shape_is_one_error(
    change: Callable[[dict[str, Any]], object], parrot: OwnedModel
) -> None:
    body = json.loads(write_statement(statement_of(parrot, "Ana", WHEN)))
    change(body)
    with pytest.raises(FormatError):
        read_statement(json.dumps(body).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b'{"format": 1}'])
def test_what_is_no_statement(data: bytes) -> None:
    with pytest.raises(FormatError):
        read_statement(data)
