"""The last line: expected errors become a sentence and an exit code; bugs leave a log to paste."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from freehold.errors import FreeholdError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

EXIT_BUG = 3
EXIT_INTERRUPTED = 130


def guarded(action: Callable[[], int], words: Sequence[str]) -> int:
    """Run `action`; whatever it raises ends as an exit code and, at most, a few plain lines."""
    try:
        code = action()
        sys.stdout.flush()
    except FreeholdError as error:
        show_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted. Keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the one place where a bug is met
        return _bug(error, words)
    return code


def show_error(error: FreeholdError) -> None:
    """One sentence, and the hint on its own line, both to standard error."""
    print(f"error: {_plain(error.message)}", file=sys.stderr)
    if error.hint:
        print(f"hint: {_plain(error.hint)}", file=sys.stderr)


def _plain(text: str) -> str:
    # Names and messages can come from a file or a server: no escape codes reach the terminal.
    return "".join(
        ch if ch.isprintable() or ch in "\n\t" else "\N{REPLACEMENT CHARACTER}" for ch in text
    )


def _bug(error: Exception, words: Sequence[str]) -> int:
    where = _write_log(error, words)
    print(
        f"error: a bug in Freehold: {type(error).__name__}: {_plain(str(error))}", file=sys.stderr
    )
    print(f"hint: nothing you own was lost. The log to paste in a report: {where}", file=sys.stderr)
    return EXIT_BUG


def _where_alone(error: Exception) -> list[str]:
    """Where in the code it happened, without the message: that may name a place or a person."""
    import traceback

    said = f"{type(error).__name__} (its message is left out: it may be private)\n"
    return [*traceback.format_tb(error.__traceback__), said]


def _write_log(error: Exception, words: Sequence[str]) -> Path | str:
    import platform
    import tempfile
    import traceback

    from freehold import __version__

    lines = [
        f"freehold {__version__}, Python {platform.python_version()}, {platform.platform()}\n",
        f"command: {words[0] if words else ''} (its arguments are left out: they may be private)\n",
        *(_where_alone(error) if words[:1] == ["act"] else traceback.format_exception(error)),
    ]
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="freehold-bug-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            log.writelines(lines)
            return log.name
    except OSError:
        sys.stderr.writelines(lines)
        return "above"
