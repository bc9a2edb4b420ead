"""Licences are named only when it is sure which they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.sources.licence_texts import claim, recognise

MIT = """MIT License

Copyright (c) 2024 Somebody and others

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""
GEMMA = "Gemma Terms of Use\n\nLast modified: some day\n\nBy using, reproducing, …"
LLAMA = "**LLAMA 3.2 COMMUNITY LICENSE AGREEMENT**\nLlama 3.2 Version Release Date: …"
POLICY = "**Llama 3.2** **Acceptable Use Policy**\n\nSomebody is committed to …"


@pytest.fixture(scope="module")
def apache(repository: Path) -> str:
    return (repository / "LICENSE").read_text()


def test_apache_is_recognised_however_it_is_laid_out(apache: str) -> None:
    for text in (apache, " ".join(apache.split()), apache.replace("http://", "https://")):
        found = recognise(text)
        assert (found.spdx, found.name) == ("Apache-2.0", "Apache License 2.0")
        assert found.text == text
    end = apache.index("END OF TERMS AND CONDITIONS")
    assert recognise(apache[:end]).spdx == "Apache-2.0"


def test_an_altered_apache_is_not_taken_for_it(apache: str) -> None:
    for text in (
        apache.replace("irrevocable", "revocable", 1),
        apache + "\nNo commercial use of the model is allowed.",
        apache + " more terms" * 200,
        "Commons Clause License Condition\n" + apache,
        "",
    ):
        found = recognise(text)
        assert (found.spdx, found.name, found.text) == (None, None, text)


def test_mit_is_recognised_and_a_modified_one_is_not() -> None:
    assert recognise(MIT).spdx == "MIT"
    assert recognise(MIT.replace('"', "“")).spdx == "MIT"
    assert recognise(MIT[MIT.index("Permission") :]).spdx == "MIT"
    assert recognise("Modified " + MIT + "If it is used by more than 100 users: pay.").spdx is None
    assert recognise(MIT.replace("sell", "give")).spdx is None
    assert recognise("Not for commercial use. " + MIT).spdx is None
    assert recognise("word " * 61 + MIT).spdx is None


def test_the_makers_own_terms_get_a_name_and_no_identifier() -> None:
    gemma, llama = recognise(GEMMA), recognise(LLAMA)
    assert (gemma.spdx, gemma.name) == (None, "Gemma Terms of Use")
    assert (llama.spdx, llama.name) == (None, "Llama 3.2 Community License")
    assert recognise("\n\nMeta Llama 3 Community License Agreement\n").name is not None


def test_a_mention_is_not_a_licence() -> None:
    for text in (
        "This is not under the Apache License, Version 2.0, January 2004",
        "See the Gemma Terms of Use",
        "My llama 3 community license agreements",
        "MIT License",
    ):
        assert recognise(text).name is None


def test_an_identifier_alone_is_enough() -> None:
    assert recognise(" apache-2.0\n").spdx == "Apache-2.0"
    assert recognise("mit").spdx == "MIT"
    assert recognise("apache-9.0").spdx is None


def test_several_texts_are_one_licence_only_when_they_agree(apache: str) -> None:
    assert claim([apache, apache]).spdx == "Apache-2.0"
    assert claim([apache, MIT]).spdx is None
    both = claim([apache, "And you must dance."])
    assert (both.spdx, both.name) == (None, None)
    assert both.text is not None
    assert "dance" in both.text
    llama = claim([LLAMA, POLICY])
    assert (llama.spdx, llama.name) == (None, "Llama 3.2 Community License")


def test_a_stated_identifier_counts_only_where_no_text_speaks(apache: str) -> None:
    assert claim([], "Apache-2.0").spdx == "Apache-2.0"
    assert claim([], "apache-2.0").spdx == "Apache-2.0"
    assert claim([], "MIT AND (Apache-2.0 OR BSD-3-Clause)").spdx is not None
    assert claim(["Some text."], "MIT").spdx == "MIT"
    assert claim([LLAMA], "MIT").spdx is None
    assert claim([apache], "MIT").spdx == "Apache-2.0"
    assert claim([apache, "And you must dance."], "Apache-2.0").spdx is None
    assert claim([]) == claim([], "")
    for bad in ("<script>", "x\ny", "see file", "é", "a" * 201):
        assert claim([], bad).spdx is None
