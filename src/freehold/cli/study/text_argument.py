"""The text that a part of `study` looks at: an argument, standard input, or a file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from freehold.errors import StorageError, UsageError

_MOST_PROMPTS = 100


def add_text_argument(parser: argparse.ArgumentParser) -> None:
    """TEXT, or `-`, or `--file`; `--chat` and `--special`."""
    parser.add_argument("text", nargs="?", metavar="TEXT", help="- reads standard input")
    add_file_option(parser)
    add_chat_option(parser)
    parser.add_argument(
        "--special", action="store_true", help="read marks such as <|im_end|> as single tokens"
    )


def add_file_option(parser: argparse.ArgumentParser) -> None:
    """`--file` alone."""
    parser.add_argument("--file", type=Path, metavar="FILE", help="read the text from a file")


def add_chat_option(parser: argparse.ArgumentParser) -> None:
    """`--chat`."""
    parser.add_argument(
        "--chat", action="store_true", help="as a question in the model's chat template"
    )


def read_text(args: argparse.Namespace) -> str:
    """The text. Raises UsageError when there is none, or two."""
    if (args.text is None) == (args.file is None):
        raise UsageError("Give one TEXT, or --file FILE, or - for standard input.")
    text = read_file(args.file) if args.file is not None else args.text
    if text == "-" and args.file is None:
        text = read_input()
    if not text:
        raise UsageError("The text is empty.", "Give some to look at.")
    return str(text)


def read_prompts(path: Path) -> tuple[str, ...]:
    """The lines of a file that are not blank. Raises StorageError, UsageError."""
    lines = read_file(path).splitlines()
    prompts = tuple(line.strip() for line in lines if line.strip())
    if not 0 < len(prompts) <= _MOST_PROMPTS:
        raise UsageError(
            f"{path} has {len(prompts):,} prompts; from 1 to {_MOST_PROMPTS} are asked."
        )
    return prompts


def read_input() -> str:
    """Standard input, as text."""
    return _decoded(sys.stdin.buffer.read(), "Standard input")


def read_file(path: Path) -> str:
    """A file, as text. Raises StorageError, or UsageError for one that is no text."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}.") from error
    return _decoded(raw, str(path))


def _decoded(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{name} is not text in UTF-8: byte {error.start:,} is 0x{raw[error.start]:02X}.",
            "Save it as UTF-8.",
        ) from error
