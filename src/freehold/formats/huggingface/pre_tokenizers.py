"""How a text is cut before byte pairs are merged: tokenizer.json's rules, and llama.cpp's names.

llama.cpp knows each way by a name that stands for regular expressions in its code (llama-vocab.cpp,
October 2026); a tokenizer.json has the expressions themselves. A way is recognised by what it
does, whoever's model it is of. Whether a whole word that is a token is taken without merging
(`ignore_merges`) is part of a name too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from freehold.errors import UnsupportedModel

_CONTRACTED = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_WORDS = r"[^\r\n\p{L}\p{N}]?\p{L}+"
_LLAMA3 = rf"{_CONTRACTED}|{_WORDS}|\p{{N}}{{1,3}}|{_REST}"
_QWEN2 = rf"{_CONTRACTED}|{_WORDS}|\p{{N}}|{_REST}"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_CASED = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+",
    rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*",
)
_CASED_REST = r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_TEKKEN = rf"{_CASED[0]}|{_CASED[1]}|\p{{N}}|{_CASED_REST}"
_GPT4O = rf"{_CASED[0]}{_CONTRACTED}?|{_CASED[1]}{_CONTRACTED}?|\p{{N}}{{1,3}}|{_CASED_REST}"

Step = tuple[str, str]


@dataclass(frozen=True)
class Way:
    """One way of cutting."""

    steps: tuple[Step, ...]
    """What is done in turn: ("split", expression), ("digits", "") each digit by itself,
    ("gpt2", "") the words of GPT-2."""
    whole_words: bool
    """A word that is a token is taken as it is."""
    names: tuple[str, ...]
    """llama.cpp's, the one that is written first."""


_WAYS = (
    Way((("split", _LLAMA3),), True,
        ("llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral", "midm-2.0", "lfm2")),
    Way((("split", _LLAMA3),), False, ("dbrx", "smaug-bpe")),
    Way((("split", _QWEN2),), False,
        ("qwen2", "deepseek-r1-qwen", "megrez", "stablelm2", "kormo", "f2llmv2", "hunyuan")),
    Way((("split", _TEKKEN),), True, ("tekken",)),
    Way((("split", _GPT4O),), False, ("gpt-4o", "llama4", "kanana2")),
    Way((("digits", ""), ("gpt2", "")), False,
        ("smollm", "starcoder", "refact", "command-r", "codeshell")),
    Way((("gpt2", ""),), False, ("gpt-2", "mpt", "olmo", "phi-2", "jais", "mellum")),
)  # fmt: skip
NAMES: Mapping[str, Way] = MappingProxyType({name: way for way in _WAYS for name in way.names})
"""All names that are known here."""


def name_of(rules: Any, whole_words: bool) -> str | None:
    """llama.cpp's name for a tokenizer.json's `pre_tokenizer`; None where there is none."""
    steps = _steps(rules)
    for way in _WAYS:
        if way.steps == steps and way.whole_words == whole_words:
            return way.names[0]
    return None


def rules_of(name: str, label: str) -> tuple[dict[str, Any], bool]:
    """The `pre_tokenizer` that does the same, and whether whole words are taken.

    Raises UnsupportedModel for a name that is not known.
    """
    way = NAMES.get(name)
    if way is None:
        raise UnsupportedModel(
            f"{label} cuts text in the way that llama.cpp calls {name!r}, for which no rules of a "
            "tokenizer.json are known here.",
            f"Known are {', '.join(sorted(NAMES))}.",
        )
    steps = [_rule(kind, expression) for kind, expression in way.steps]
    if way.steps[-1][0] == "split":
        steps.append(_bytes(words=False))
    rules = steps[0] if len(steps) == 1 else {"type": "Sequence", "pretokenizers": steps}
    return rules, way.whole_words


def _steps(rules: Any) -> tuple[Step, ...] | None:
    """What rules do, or None for any that cannot be named."""
    if not isinstance(rules, dict):
        return None
    every = rules.get("pretokenizers") if rules.get("type") == "Sequence" else [rules]
    if not isinstance(every, list) or not every:
        return None
    steps: list[Step] = []
    for index, rule in enumerate(every):
        step = _step(rule) if isinstance(rule, dict) else None
        last = index == len(every) - 1
        if step is None or (step[0] in {"gpt2", "bytes"}) != last:
            return None
        steps.append(step)
    return tuple(step for step in steps if step[0] != "bytes")


def _step(rule: dict[str, Any]) -> Step | None:
    match rule:
        case {"type": "Digits", "individual_digits": True}:
            return "digits", ""
        case {"type": "ByteLevel", "add_prefix_space": False}:
            return ("gpt2" if rule.get("use_regex", True) else "bytes"), ""
        case {"type": "Split", "pattern": {"Regex": str(expression)}}:
            how = rule.get("behavior"), bool(rule.get("invert"))
            whole = how in {("Isolated", False), ("Removed", True)}
            return ("split", expression) if whole else None
    return None


def _rule(kind: str, expression: str) -> dict[str, Any]:
    if kind == "digits":
        return {"type": "Digits", "individual_digits": True}
    if kind == "gpt2":
        return _bytes(words=True)
    return {
        "type": "Split",
        "pattern": {"Regex": expression},
        "behavior": "Isolated",
        "invert": False,
    }


def _bytes(words: bool) -> dict[str, Any]:
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
            "use_regex": words}  # fmt: skip
