"""Which package indexes pip would ask on this machine: environment, then configuration files.

https://pip.pypa.io/en/stable/topics/configuration/ says where the files are and which wins. It
reads settings only; pip itself is neither needed nor run.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from freehold.errors import UsageError

DEFAULT_INDEX = "https://pypi.org/simple"
_SECTIONS = ("global", "install", "download")
"""A later one wins, whichever file it is in."""
_OFF = {"", "0", "no", "false", "off", "n", "f"}


@dataclass(frozen=True)
class PipIndexes:
    """The indexes in the order in which they are asked."""

    urls: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    """Those that are no web addresses, such as `file:` ones."""
    disabled: bool = False
    """pip was told to use no index at all (`no-index`)."""


def read_indexes(
    environment: Mapping[str, str] | None = None,
    platform: str = sys.platform,
    prefix: Path | None = None,
) -> PipIndexes:
    """What pip's own settings name. Raises UsageError on a configuration file that is not one."""
    env = os.environ if environment is None else environment
    values = _values(env, platform, prefix or Path(sys.prefix))
    for name in ("index-url", "extra-index-url", "no-index"):
        if set_here := env.get(f"PIP_{name.upper().replace('-', '_')}"):
            values[name] = set_here
    named = (values.get("index-url") or DEFAULT_INDEX).split()[:1]
    named += (values.get("extra-index-url") or "").split()
    urls = [_clean(url) for url in dict.fromkeys(named)]
    usable = tuple(url for url in urls if url.startswith(("https://", "http://")))
    disabled = values.get("no-index", "").lower() not in _OFF
    passed_over = tuple(url for url in urls if url not in usable)
    return PipIndexes(() if disabled else usable, passed_over, disabled)


def config_files(env: Mapping[str, str], platform: str, prefix: Path) -> Iterator[Path]:
    """The configuration files pip reads, those that win later."""
    chosen = env.get("PIP_CONFIG_FILE")
    if chosen in (os.devnull, "nul", "NUL"):
        return
    name = "pip.ini" if platform == "win32" else "pip.conf"
    for folder in _global_folders(env, platform):
        yield folder / name
    if not (chosen and Path(chosen).exists()):
        for folder in _user_folders(env, platform):
            yield folder / name
    yield Path(env.get("VIRTUAL_ENV") or prefix) / name
    if chosen:
        yield Path(chosen)


def _global_folders(env: Mapping[str, str], platform: str) -> list[Path]:
    if platform == "win32":
        return [Path(env.get("PROGRAMDATA") or r"C:\ProgramData") / "pip"]
    if platform == "darwin":
        return [Path("/Library/Application Support/pip")]
    folders = (env.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    return [*(Path(folder) / "pip" for folder in folders if folder), Path("/etc")]


def _user_folders(env: Mapping[str, str], platform: str) -> list[Path]:
    home = env.get("USERPROFILE") if platform == "win32" else env.get("HOME")
    if not home:
        return []
    base = Path(home)
    if platform == "win32":
        roaming = Path(env.get("APPDATA") or base / "AppData" / "Roaming")
        return [base / "pip", roaming / "pip"]
    current = Path(env.get("XDG_CONFIG_HOME") or base / ".config") / "pip"
    if platform == "darwin":
        library = base / "Library" / "Application Support" / "pip"
        current = library if library.is_dir() else base / ".config" / "pip"
    return [base / ".pip", current]


def _values(env: Mapping[str, str], platform: str, prefix: Path) -> dict[str, str]:
    found: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for path in config_files(env, platform, prefix):
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
            continue  # pip passes over them too
        except (configparser.Error, UnicodeDecodeError) as error:
            message = f"{path} is not a configuration file that pip could read."
            raise UsageError(message, "Mend it, or set PIP_CONFIG_FILE to another.") from error
        for section in _SECTIONS:
            if parser.has_section(section):
                entries = ((_plain(key), value) for key, value in parser.items(section))
                found[section].update({key: value for key, value in entries if value})
    merged: dict[str, str] = {}
    for section in _SECTIONS:
        merged |= found[section]
    return merged


def _plain(key: str) -> str:
    return key.lower().replace("_", "-").removeprefix("--")


def _clean(url: str) -> str:
    return url.rstrip("/")
