"""Everyday machines that one need not have in hand: published figures, each with its source.

They stand in `machines.toml` beside this module and become the same `Device` as a probed machine.
Nothing in them was measured by us, so speed predicted from them has a wide band.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from freehold.device.machine import Device, MainMemory, Processor
from freehold.device.plain import from_plain

_GIB = 2**30


@cache
def machines() -> tuple[Device, ...]:
    """Every machine of the list, in the file's order. Raises FormatError for a mistake in it."""
    document = table()
    return tuple(_device(each, document) for each in document["machine"])


@cache
def table() -> dict[str, Any]:
    """The data file as plain tables, for the checks."""
    text = files("freehold.device").joinpath("machines.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def titles() -> dict[str, str]:
    """What each machine is, in words, by its name."""
    return {each["name"]: each["title"] for each in table()["machine"]}


def _device(machine: dict[str, Any], document: dict[str, Any]) -> Device:
    name = machine["name"]
    return Device(
        processor=from_plain(Processor, machine["processor"], f"machine {name}", strict=True),
        memory=_memory(machine, document["share"][machine["share"]]),
        system=machine["system"],
        name=name,
        sources=(
            *_basis(machine),
            *(_cited(document["source"][key]) for key in machine["sources"]),
        ),
        unknown=tuple(machine.get("unknown", ())),
    )


def _memory(machine: dict[str, Any], share: dict[str, Any]) -> MainMemory:
    total = machine["memory_gib"] * _GIB
    return MainMemory(
        total=total,
        available=round(total * share["part"]),
        limit=share["reason"],
        unified=machine.get("unified"),
        bandwidth=machine.get("bandwidth"),
    )


def _basis(machine: dict[str, Any]) -> tuple[str, ...]:
    basis = machine.get("bandwidth_from")
    return () if basis is None else (f"memory bandwidth: {basis}",)


def _cited(source: dict[str, str]) -> str:
    return f"{source['title']}, read {source['read']}: {source['url']}"
