"""Does the documentation say what the code does? Run by `python3 start.py check`.

Every command and each of its options, every error and every setting must be documented; every link
between pages must lead somewhere. Prints what is missing and exits 1 if anything is.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from freehold import errors
from freehold.cli.commands import COMMANDS
from freehold.cli.main import parser_for

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
EVERYWHERE = {"--help", "--json"}


def main() -> int:
    missing = [*undocumented_commands(), *undocumented_errors(), *undocumented_settings()]
    missing += broken_links()
    for line in missing:
        print(line)
    print(f"{len(PAGES)} pages, {len(COMMANDS)} commands: {len(missing)} things to mend")
    return 1 if missing else 0


def undocumented_commands() -> Iterator[str]:
    for command in COMMANDS.values():
        text = section(f"## freehold {command.name}")
        if text is None:
            yield f"no page has the heading '## freehold {command.name}'"
            continue
        for option in long_options(parser_for(command)) - EVERYWHERE:
            if f"`{option}" not in text:
                yield f"'## freehold {command.name}' does not say what {option} does"


def section(heading: str) -> str | None:
    """The text below a heading, on the page that has it; the whole page, since options may be
    explained in the prose after it.
    """
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if f"\n{heading}\n" in text:
            return text
    return None


def long_options(parser: argparse.ArgumentParser) -> set[str]:
    return {
        word
        for action in parser._actions  # noqa: SLF001 - argparse has no public list of them
        for word in action.option_strings
        if word.startswith("--")
    }


def undocumented_errors() -> Iterator[str]:
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    for name, value in vars(errors).items():
        is_error = isinstance(value, type) and issubclass(value, errors.FreeholdError)
        if is_error and f"`{name}`" not in text:
            yield f"docs/errors.md does not mention {name}"


def undocumented_settings() -> Iterator[str]:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    source = (ROOT / "src" / "freehold" / "settings.py").read_text(encoding="utf-8")
    for name in sorted(set(re.findall(r'"((?:FREEHOLD|HF)_[A-Z_]+)"', source))):
        if f"`{name}`" not in text:
            yield f"docs/settings.md does not mention {name}"


def broken_links() -> Iterator[str]:
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            if not (page.parent / target).exists():
                yield f"{page.relative_to(ROOT)} links to {target}, which is not there"


if __name__ == "__main__":
    sys.exit(main())
