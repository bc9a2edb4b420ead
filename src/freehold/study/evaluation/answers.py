"""How an answer in the model's own words is taken and compared with the right one.

It is cut at the first of the task's stop words, passed through its filters, and compared letter by
letter, blanks at both ends aside. lm-eval keeps those blanks; nobody means them.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from freehold.study.evaluation.fault import Spot
from freehold.study.evaluation.task_yaml import TaskFields

_USUAL_TOKENS = 256
_IGNORE = frozenset({"ignore_case", "ignore_punctuation", "ignore_numbers", "regexes_to_ignore"})
_KNOWN_METRIC = _IGNORE | {"metric", "aggregation", "higher_is_better"}
_GREEDY = {"do_sample": (False,), "temperature": (0, 0.0), "top_p": (1, 1.0)}
_SIMPLE = ("take_first", "remove_whitespace", "lowercase", "uppercase")
_PATTERN_TIME_RISK = re.compile(r"\([^()]*[+*][^()]*\)[+*{]")
"""A repetition inside a repetition: a pattern that can take for ever on a text made for it."""


@dataclass(frozen=True)
class Filter:
    """One step that an answer goes through."""

    name: str
    pattern: re.Pattern[str] | None = None
    which: int = 0
    """Which match of the pattern: -1 is the last."""
    fallback: str = "[invalid]"
    """What stands for an answer without a match."""

    def __call__(self, answer: str) -> str:
        """The answer after this step."""
        if self.pattern is None:
            match self.name:
                case "lowercase":
                    return answer.lower()
                case "uppercase":
                    return answer.upper()
                case _:
                    return answer
        found = [_group(match) for match in self.pattern.finditer(answer)]
        wanted = range(-len(found), len(found))
        return found[self.which].strip() if self.which in wanted else self.fallback


@dataclass(frozen=True)
class AnswerRules:
    """Of one task."""

    until: tuple[str, ...] = ("\n\n",)
    most_tokens: int = _USUAL_TOKENS
    filters: tuple[Filter, ...] = ()
    ignored: tuple[re.Pattern[str], ...] = ()
    """What is taken out of both before they are compared."""
    ignore_case: bool = False
    ignore_punctuation: bool = False
    ignore_numbers: bool = False

    def taken(self, said: str) -> str:
        """The answer in what the model said."""
        for word in self.until:
            said = said.split(word, 1)[0] if word else said
        for step in self.filters:
            said = step(said)
        return said.strip()

    def same(self, answer: str, right: str) -> bool:
        """Whether an answer is the right one."""
        return self._plain(answer) == self._plain(right)

    def _plain(self, words: str) -> str:
        for pattern in self.ignored:
            words = pattern.sub("", words)
        words = words.lower() if self.ignore_case else words
        gone = (string.punctuation if self.ignore_punctuation else "") + (
            string.digits if self.ignore_numbers else ""
        )
        return words.translate(str.maketrans("", "", gone)).strip()


def read_rules(fields: TaskFields) -> AnswerRules:
    """The rules that a task states. Raises UsageError for what cannot be kept."""
    until, most = _generation(fields)
    metric = _metric(fields)
    spot = fields.spot("metric_list")
    patterns = metric.get("regexes_to_ignore") or []
    if not isinstance(patterns, list):
        raise spot.fault("`regexes_to_ignore` must be a list.")
    return AnswerRules(
        until=until,
        most_tokens=most,
        filters=tuple(_filters(fields)),
        ignored=tuple(_pattern(each, spot) for each in patterns),
        ignore_case=bool(metric.get("ignore_case")),
        ignore_punctuation=bool(metric.get("ignore_punctuation")),
        ignore_numbers=bool(metric.get("ignore_numbers")),
    )


def _metric(fields: TaskFields) -> dict[str, Any]:
    metrics = fields.values.get("metric_list") or []
    metric = metrics[0] if metrics and isinstance(metrics[0], dict) else {}
    for name in metric:
        if name not in _KNOWN_METRIC:
            raise fields.spot("metric_list").fault(f"Freehold does not know `{name}` of a metric.")
    return metric


def _generation(fields: TaskFields) -> tuple[tuple[str, ...], int]:
    wanted, spot = fields.values.get("generation_kwargs") or {}, fields.spot("generation_kwargs")
    if not isinstance(wanted, dict):
        raise spot.fault("`generation_kwargs` has fields: until, max_gen_toks.")
    for name, value in wanted.items():
        if name in _GREEDY and value not in _GREEDY[name]:
            raise spot.fault(f"`{name}: {value}` is not greedy, and Freehold asks greedily.")
        if name not in {*_GREEDY, "until", "max_gen_toks", "max_tokens"}:
            raise spot.fault(f"Freehold does not know `{name}` of generation_kwargs.")
    until = wanted.get("until", ["\n\n"])
    until = [until] if isinstance(until, str) else until
    if not isinstance(until, list) or not all(isinstance(each, str) for each in until):
        raise spot.fault("`until` must be a text or a list of texts.")
    most = wanted.get("max_gen_toks", wanted.get("max_tokens", _USUAL_TOKENS))
    if not isinstance(most, int) or not 0 < most <= 65_536:
        raise spot.fault(f"`max_gen_toks` must be a number of tokens, not {most!r}.")
    return tuple(each for each in until if each), most


def _filters(fields: TaskFields) -> Iterator[Filter]:
    groups, spot = fields.values.get("filter_list") or [], fields.spot("filter_list")
    if not isinstance(groups, list) or len(groups) > 1:
        raise spot.fault("Freehold scores one way of taking the answer: one entry of filter_list.")
    steps = groups[0].get("filter", []) if groups and isinstance(groups[0], dict) else []
    for step in steps if isinstance(steps, list) else []:
        name = step.get("function") if isinstance(step, dict) else step
        if name == "regex":
            pattern = _pattern(step.get("regex_pattern", r"#### (\-?[0-9\.\,]+)"), spot)
            which = step.get("group_select", 0)
            if not isinstance(which, int):
                raise spot.fault(f"`group_select` must be a whole number, not {which!r}.")
            yield Filter("regex", pattern, which, str(step.get("fallback", "[invalid]")))
        elif name in _SIMPLE:
            yield Filter(str(name))
        else:
            known = ", ".join(("regex", *_SIMPLE))
            raise spot.fault(f"Freehold does not know the filter {name!r}; {known} it does.")


def _pattern(source: object, spot: Spot) -> re.Pattern[str]:
    try:
        if _PATTERN_TIME_RISK.search(str(source)):
            raise spot.fault(f"the pattern {str(source)!r} repeats a repetition: it could hang.")
        return re.compile(str(source))
    except re.error as error:
        raise spot.fault(f"{str(source)!r} is no regular expression: {error}.") from error


def _group(match: re.Match[str]) -> str:
    """The first group that matched, or the whole."""
    return next((each for each in match.groups() if each is not None), match[0])
