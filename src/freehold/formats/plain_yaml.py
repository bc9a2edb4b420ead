"""The part of YAML that people write settings in: maps and lists by indentation, plain values.

Anchors, tags, several documents, multi-line texts and the like are refused by line: what is not
understood must not be guessed. JSON is read too, being a part of YAML.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from freehold.errors import FormatError

_KEY = re.compile(
    r"""(?P<key>"[^"]*"|'[^']*'|[^\s:#&*!|>'"%@`{}\[\],-][^:#]*?):(?:\s+(?P<rest>.*))?$"""
)
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_WORDS: dict[str, Any] = {"null": None, "~": None, "true": True, "false": False}
_REFUSED = "&*!|>%@`{"


@dataclass(frozen=True)
class _Line:
    number: int
    indent: int
    text: str


def read_plain_yaml(text: str, label: str) -> Any:
    """Maps, lists, texts, numbers, truth values, None. Raises FormatError naming the line."""
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError as error:
            raise FormatError(f"{label} is not valid JSON: {error}.") from error
    lines = _lines(text, label)
    if not lines:
        raise FormatError(f"{label} is empty.")
    value, rest = _block(lines, label)
    if rest:
        raise _wrong(label, rest[0], "it is indented like nothing above it")
    return value


def _lines(text: str, label: str) -> list[_Line]:
    found: list[_Line] = []
    for number, raw in enumerate(text.splitlines(), 1):
        bare = _without_comment(raw).rstrip()
        if not bare.strip() or (bare == "---" and not found):
            continue
        indent = len(bare) - len(bare.lstrip(" "))
        line = _Line(number, indent, bare.lstrip(" "))
        if line.text.startswith("\t"):
            raise _wrong(label, line, "it is indented with a tab")
        found.append(line)
    return found


def _without_comment(line: str) -> str:
    quote = ""
    for index, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "#" and (index == 0 or line[index - 1].isspace()):
            return line[:index]
    return line


def _block(lines: list[_Line], label: str) -> tuple[Any, list[_Line]]:
    return _list(lines, label) if lines[0].text.startswith("- ") else _map(lines, label)


def _list(lines: list[_Line], label: str) -> tuple[list[Any], list[_Line]]:
    indent = lines[0].indent
    found: list[Any] = []
    while lines and lines[0].indent == indent and lines[0].text.startswith("- "):
        line = lines[0]
        inner = line.text[2:].lstrip(" ")
        if _KEY.match(inner):
            deeper = _Line(line.number, indent + len(line.text) - len(inner), inner)
            value, lines = _map([deeper, *lines[1:]], label)
        else:
            value, lines = _value(inner, line, label), lines[1:]
        found.append(value)
    return found, lines


def _map(lines: list[_Line], label: str) -> tuple[dict[str, Any], list[_Line]]:
    indent = lines[0].indent
    found: dict[str, Any] = {}
    while lines and lines[0].indent == indent:
        line = lines[0]
        match = _KEY.match(line.text)
        if match is None:
            raise _wrong(label, line, "a key and a colon are expected")
        key, rest = match["key"].strip("\"'"), (match["rest"] or "").strip()
        if key in found:
            raise _wrong(label, line, f"{key!r} is said twice")
        lines = lines[1:]
        nested = lines and (
            lines[0].indent > indent
            or (lines[0].indent == indent and lines[0].text.startswith("- "))
        )
        if rest:
            found[key] = _value(rest, line, label)
        elif nested:
            found[key], lines = _block(lines, label)
        else:
            found[key] = None
    return found, lines


def _value(text: str, line: _Line, label: str) -> Any:
    if text[0] in _REFUSED:
        raise _wrong(label, line, f"{text[0]!r} begins what is not understood here")
    if text[0] == "[":
        if text[-1] != "]":
            raise _wrong(label, line, "a list in brackets ends on its own line")
        inner = text[1:-1].strip()
        return [_value(each.strip(), line, label) for each in inner.split(",")] if inner else []
    if text[0] in "\"'":
        if len(text) < 2 or text[-1] != text[0] or "\\" in text:
            raise _wrong(label, line, "a quoted text ends on its own line, without escapes")
        return text[1:-1]
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _NUMBER.fullmatch(text):
        return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)
    return text


def _wrong(label: str, line: _Line, what: str) -> FormatError:
    return FormatError(f"{label}, line {line.number}: {what}.", "Plain YAML or JSON is read.")
