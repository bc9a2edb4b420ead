"""Every form that people bring is read; what is wrong is named with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from freehold.errors import FormatError, FreeholdError, StorageError
from freehold.modify.data.files import MAX_LINE, read_data
from freehold.modify.data.sample import Turn

ASKED, ANSWERED = Turn("user", "Why?"), Turn("assistant", "Because.")
FORMS = {
    "messages": {
        "messages": [
            {"role": "user", "content": "Why?"},
            {"role": "assistant", "content": "Because."},
        ]
    },
    "sharegpt": {
        "conversations": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "Because."}]
    },
    "alpaca": {"instruction": "Why?", "input": "", "output": "Because."},
    "prompt": {"prompt": "Why?", "completion": "Because."},
    "question": {"question": "Why?", "answer": "Because."},
}


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_each_form_is_read(form: str, suffix: str, tmp_path: Path) -> None:
    text = json.dumps(FORMS[form] if suffix == ".jsonl" else [FORMS[form]])
    (sample,) = read_data(file(tmp_path, f"x{suffix}", text)).samples
    assert sample.turns == (ASKED, ANSWERED)


def test_an_alpaca_input_and_a_system_text_are_kept(tmp_path: Path) -> None:
    said = {"system": "Be brief.", "instruction": "Add.", "input": "1 2", "output": "3"}
    (sample,) = read_data(file(tmp_path, "x.jsonl", json.dumps(said))).samples
    assert sample.turns == (
        Turn("system", "Be brief."), Turn("user", "Add.\n\n1 2"), Turn("assistant", "3"),
    )  # fmt: skip


@pytest.mark.parametrize(("name", "sign"), [("x.csv", ","), ("x.tsv", "\t")])
def test_a_table_with_a_line_break_in_a_cell(name: str, sign: str, tmp_path: Path) -> None:
    text = f'Prompt{sign}Completion\n"Why\nnot?"{sign}Because.\n'
    (sample,) = read_data(file(tmp_path, name, text)).samples
    assert sample.turns == (Turn("user", "Why\nnot?"), ANSWERED)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_say_what_they_are(encoding: str, tmp_path: Path) -> None:
    text = json.dumps({"prompt": "Où ?", "completion": "Là."}, ensure_ascii=False)
    (sample,) = read_data(file(tmp_path, "x.jsonl", text.encode(encoding))).samples
    assert sample.turns[0].content == "Où ?"


def test_only_a_line_break_ends_a_line(tmp_path: Path) -> None:
    """JSON leaves other separators as they are inside of a text."""
    said = {"prompt": "Why\u2028not\x85?", "completion": "Because."}
    line = json.dumps(said, ensure_ascii=False)
    found = read_data(file(tmp_path, "x.jsonl", f"{line}\r\n\r\n{GOOD}"))
    assert [each.turns[0].content for each in found.samples] == ["Why\u2028not\x85?", "Why?"]
    assert found.samples[1].where == "x.jsonl, line 3"


def test_duplicates_are_left_out_and_counted(tmp_path: Path) -> None:
    lines = [json.dumps(FORMS[form]) for form in FORMS]
    found = read_data(file(tmp_path, "x.jsonl", "\n".join(lines)))
    assert (len(found.samples), found.duplicates) == (1, 4)
    assert found.samples[0].where == "x.jsonl, line 1"


GOOD = json.dumps(FORMS["prompt"]) + "\n"
WRONG: dict[str, tuple[str, str | bytes, str]] = {
    "empty": ("x.jsonl", "", "nothing to learn"),
    "blank": ("x.jsonl", "\n \n", "nothing to learn"),
    "blank text": ("x.txt", " \n", "nothing to learn"),
    "no JSON": ("x.jsonl", GOOD + "{", "line 2 is no JSON"),
    "deep": ("x.jsonl", GOOD + "[" * 100_000, "line 2 is no JSON"),
    "a list": ("x.jsonl", GOOD + "[1]", "line 2 is no object"),
    "other keys": ("x.jsonl", GOOD + '{"q": "a"}', "line 2 has q: no form"),
    "a number": ("x.jsonl", '{"prompt": 3, "completion": "x"}', "'prompt' is of type int"),
    "no answer": ("x.jsonl", '{"messages": [{"role": "user", "content": "x"}]}', "no answer"),
    "an empty answer": ("x.jsonl", '{"prompt": "x", "completion": " "}', "is empty"),
    "another role": ("x.jsonl", '{"messages": [{"role": "cat", "content": "x"}]}', "by 'cat'"),
    "no content": ("x.jsonl", '{"messages": [{"role": "user"}]}', "'content' is missing"),
    "a long line": ("x.jsonl", GOOD + '"' + "x" * MAX_LINE + '"', "line 2 has 4,"),
    "latin-1": (
        "x.jsonl",
        GOOD.encode() + "\xe9".encode("latin-1"),
        f"line 2: byte {len(GOOD)} is",
    ),
    "UTF-16 without its mark": ("x.jsonl", GOOD.encode("utf-16-le"), "line 1 has a zero in it"),
    "UTF-32": ("x.jsonl", GOOD.encode("utf-32"), "line 1 has a zero in it"),
    "half a character": (
        "x.jsonl",
        GOOD + r'{"prompt": "x", "completion": "\ud83d"}',
        "line 2: 'completion' has half of a character",
    ),
    "a large cell": ("x.csv", "text\na\n" + "x" * 200_000, "line 3: field larger than"),
    "an open quote": ("x.csv", 'text\na\n"x', "line 3: unexpected end of data"),
    "an object": ("x.json", "{}", "no list"),
    "columns": ("x.csv", "prompt,completion\na\n", "line 2 has another number"),
    "a pickle": ("x.pkl", b"\x80", "no kind of data"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_named_with_its_line(wrong: str, tmp_path: Path) -> None:
    name, content, said = WRONG[wrong]
    with pytest.raises(FormatError, match=said):
        read_data(file(tmp_path, name, content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        read_data(tmp_path / "x.jsonl")
    with pytest.raises(FreeholdError):
        read_data(tmp_path)
