"""Whether a requirement is for a machine: the condition after its semicolon, for another system.

pip asks these about the machine that it runs on, so that a stick for Windows made on Linux would
lack what only Windows needs. https://packaging.python.org/en/latest/specifications/dependency-specifiers
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping

_VERSIONS = {"python_version", "python_full_version"}
_COMPARE: dict[type[ast.cmpop], Callable[..., bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}


def split_requirement(text: str) -> tuple[str, str, str]:
    """The project's name as indexes compare it, the requirement without its marker, the marker."""
    requirement, _, marker = text.partition(";")
    name = re.split(r"[^A-Za-z0-9._-]", requirement.strip(), maxsplit=1)[0]
    return plain_name(name), requirement.strip(), marker.strip()


def plain_name(name: str) -> str:
    """A project's name as indexes compare it: `typing_extensions` is `typing-extensions`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def holds(marker: str, environment: Mapping[str, str]) -> bool:
    """Whether a marker is true there. What cannot be read counts as true: rather too much."""
    if not marker:
        return True
    try:
        return _value(ast.parse(marker, mode="eval").body, environment)
    except (SyntaxError, KeyError, TypeError, ValueError):
        return True


def _value(node: ast.expr, environment: Mapping[str, str]) -> bool:
    if isinstance(node, ast.BoolOp):
        values = [_value(each, environment) for each in node.values]
        return all(values) if isinstance(node.op, ast.And) else any(values)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        sides = (node.left, node.comparators[0])
        words = [_word(each, environment) for each in sides]
        compare = _COMPARE[type(node.ops[0])]
        names = {each.id for each in sides if isinstance(each, ast.Name)}
        if names & _VERSIONS and not isinstance(node.ops[0], ast.In | ast.NotIn):
            return compare(*map(_version, words))
        return compare(*words)
    raise ValueError("no marker")


def _word(node: ast.expr, environment: Mapping[str, str]) -> str:
    if isinstance(node, ast.Name):
        return environment[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError("no word")


def _version(text: str) -> tuple[int, ...]:
    numbers = [int(part) for part in text.removesuffix(".*").split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
