"""Tokens as a person sees them."""

from __future__ import annotations

import pytest

from freehold.study.visible import visible


@pytest.mark.parametrize(
    ("piece", "shown"),
    [
        (b" the", "␣the"),
        (b"\n\n", "⏎⏎"),
        (b"\ta\r", "⇥a␍"),
        (b"\xe2", "‹0xE2›"),
        ("é".encode() + b"\xf0\x9f", "é‹0xF0›‹0x9F›"),
        (b"\x80ok", "‹0x80›ok"),
        ("\u200b".encode(), "‹U+200B›"),
        (b"\x1b[2J", "‹U+001B›[2J"),
        ("日本".encode(), "日本"),
        (b"", ""),
    ],
)
def test_it_is_shown(piece: bytes, shown: str) -> None:
    assert visible(piece) == shown
