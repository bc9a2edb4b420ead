"""Answers in words: what is taken of them, and when they are right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from freehold.errors import UsageError
from freehold.study.evaluation.answers import AnswerRules
from freehold.study.evaluation.task import read_task


def rules(folder: Path, more: str) -> AnswerRules:
    (folder / "data.jsonl").write_text(json.dumps({"q": "1+1", "a": "2"}))
    path = folder / "task.yaml"
    path.write_text("dataset_path: data.jsonl\ndoc_to_text: q\ndoc_to_target: a\n" + more)
    return read_task(path).rules


def test_it_ends_at_a_stop_word(tmp_path: Path) -> None:
    kept = rules(tmp_path, 'generation_kwargs: {until: [".", "\\n"], max_gen_toks: 9}')
    assert kept.taken(" Two. And more") == "Two"
    assert kept.most_tokens == 9


def test_filters_find_the_number(tmp_path: Path) -> None:
    filters = """\
filter_list:
  - name: last
    filter:
      - {function: regex, regex_pattern: '-?[0-9]+', group_select: -1}
      - function: take_first
"""
    kept = rules(tmp_path, filters)
    assert kept.taken("It was 3, now it is 12") == "12"
    assert kept.taken("none at all") == "[invalid]"


def test_what_is_to_be_ignored_is(tmp_path: Path) -> None:
    metric = "metric_list: [{metric: exact_match, ignore_case: true, ignore_punctuation: true}]"
    assert rules(tmp_path, metric).same("Yes!", "yes")
    plain = rules(tmp_path, "")
    assert plain.same(" yes\n", "yes")
    assert not plain.same("Yes", "yes")
    patterns = "metric_list: [{metric: exact_match, regexes_to_ignore: [',']}]"
    assert rules(tmp_path, patterns).same("1,000", "1000")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("generation_kwargs: {temperature: 0.7}", "line 4: `temperature: 0.7` is not greedy"),
        ("generation_kwargs: {beams: 3}", "does not know `beams`"),
        ("filter_list: [{filter: [{function: vote}]}]", "does not know the filter 'vote'"),
        ("filter_list: [{filter: []}, {filter: []}]", "one entry of filter_list"),
        ("filter_list: [{filter: [{function: regex, regex_pattern: '('}]}]", "no regular expr"),
        ("filter_list: [{filter: [{function: regex, regex_pattern: '(a+)+'}]}]", "could hang"),
        ("metric_list: [{metric: exact_match, ignore: x}]", "does not know `ignore`"),
        ("metric_list: [{metric: exact_match, aggregation: median}]", "averaged here"),
    ],
)
def test_what_cannot_be_kept_is_refused(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rules(tmp_path, more)
