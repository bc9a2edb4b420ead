"""The Hugging Face Hub's API, as far as getting a model needs it, on whatever server speaks it.

It knows addresses, pages and refusals, and nothing of which file to choose.
https://huggingface.co/docs/hub/api
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from freehold.errors import AccessDenied, NotFound, SourceError, UsageError
from freehold.names import Digest
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile
from freehold.transfer.proxies import is_loopback
from freehold.transfer.response import Response

MOST_PAGES = 200
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')


@dataclass(frozen=True)
class HubFile:
    """One file of a repository at one commit."""

    path: str
    size: int | None
    sha256: Digest | None
    """Known for files kept in large-file storage, which all weights are."""


@dataclass(frozen=True)
class HubModel:
    """What the Hub says of a repository at one revision."""

    commit: str
    gated: bool
    card: dict[str, Any]
    """The head of the model card: licence, base model, languages."""


@dataclass(frozen=True)
class HubHit:
    """One repository that a search found."""

    repository: str
    downloads: int | None
    licence: str | None


class HubApi:
    """One Hub."""

    def __init__(self, client: HttpClient, endpoint: str, token: str | None) -> None:
        """Raises UsageError for a token that would travel without encryption."""
        self._client, self.endpoint = client, endpoint.rstrip("/")
        parts = urlsplit(self.endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"HF_ENDPOINT is {endpoint!r}, which is no web address.")
        if token and parts.scheme == "http" and not is_loopback(parts.hostname):
            raise UsageError(
                f"Your HF_TOKEN would travel to {parts.netloc} without encryption.",
                "Use an https:// address in HF_ENDPOINT, or unset HF_TOKEN.",
            )
        self._token = token
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def model(self, repository: str, revision: str) -> HubModel:
        """Look a repository up. Raises NotFound, AccessDenied or another SourceError."""
        url = f"{self.endpoint}/api/models/{repository}/revision/{quote(revision, safe='')}"
        with self._ask(url, repository, revision) as response:
            info = response.read_json(f"the description of {repository}")
        commit = info.get("sha") if isinstance(info, dict) else None
        if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
            raise SourceError(f"The Hub's description of {repository} names no commit.")
        card = info.get("cardData")
        return HubModel(commit, bool(info.get("gated")), card if isinstance(card, dict) else {})

    def files(self, repository: str, commit: str) -> Iterator[HubFile]:
        """Every file at a commit, over all pages of the list."""
        url: str | None = f"{self.endpoint}/api/models/{repository}/tree/{commit}?recursive=true"
        seen: set[str] = set()
        while url is not None:
            if url in seen or len(seen) == MOST_PAGES:
                raise SourceError(f"The list of files of {repository} does not end.")
            seen.add(url)
            with self._ask(url, repository, commit) as response:
                listed = response.read_json(f"the list of files of {repository}")
                link = _NEXT.search(response.header("Link") or "")
            if not isinstance(listed, list):
                raise SourceError(f"The Hub gave no list of files for {repository}.")
            yield from (_file(entry) for entry in listed if _is_file(entry))
            url = self._same_host(urljoin(url, link[1])) if link else None

    def search(self, words: str, most: int) -> list[HubHit]:
        """Repositories with GGUF files under these words, most downloaded first."""
        query = urlencode(
            {"search": words, "filter": "gguf", "sort": "downloads", "direction": -1, "limit": most}
        )
        found = self._client.get_json(f"{self.endpoint}/api/models?{query}", headers=self._headers)
        if not isinstance(found, list):
            raise SourceError("The Hub answered a search with something that is no list.")
        return [_hit(entry) for entry in found if isinstance(entry, dict) and "id" in entry]

    def check_access(self, repository: str, commit: str, path: str) -> None:
        """Find out now, and not in mid-download, whether a gated file may be had."""
        remote = self.remote(repository, commit, HubFile(path, None, None))
        with self._client.open(remote.urls[0], self._headers, "HEAD", follow=False) as response:
            if response.status >= 400:
                raise self._refusal(response, repository, commit)

    def remote(self, repository: str, commit: str, file: HubFile) -> RemoteFile:
        """Where a file is fetched from."""
        url = f"{self.endpoint}/{repository}/resolve/{commit}/{quote(file.path)}"
        return RemoteFile((url,), file.size, file.sha256, tuple(self._headers.items()))

    def _ask(self, url: str, repository: str, revision: str) -> Response:
        what = f"the repository {repository}"
        ok = (200, 400, 401, 403, 404)
        response = self._client.document(url, self._headers, what, ok)
        if response.status == 200:
            return response
        with response:
            raise self._refusal(response, repository, revision)

    def _refusal(self, response: Response, repository: str, revision: str) -> SourceError:
        """What a refusal means. The Hub answers 401 for what is absent as for what is private."""
        code = response.header("X-Error-Code")
        host = response.host
        if code == "GatedRepo":
            return self._gated(repository)
        if code == "RevisionNotFound":
            return NotFound(
                f"{repository} on {host} has no revision {revision}.",
                "Name a branch, a tag or a commit after the @.",
            )
        if code == "EntryNotFound":
            return NotFound(f"{repository} on {host} does not have that file.")
        if code == "RepoNotFound" or response.status in (401, 404):
            hint = "Check the spelling. If it is private, set HF_TOKEN to a token that may read it."
            if self._token:
                hint = "Check the spelling, and that your HF_TOKEN may read it."
            return NotFound(f"{host} has no repository {repository}, or keeps it private.", hint)
        return response.error(f"the repository {repository}")

    def _gated(self, repository: str) -> AccessDenied:
        page = f"{self.endpoint}/{repository}"
        if self._token:
            return AccessDenied(
                f"{repository} is gated, and your HF_TOKEN has no access to it yet.",
                f"Ask for access at {page} with the account of that token; some authors decide by "
                "hand, so it may take a while.",
            )
        return AccessDenied(
            f"{repository} is gated: its authors give it to those who accept their terms.",
            f"Accept them at {page}, make a token that may read, and set HF_TOKEN to it. The same "
            "model is often published by others without a gate.",
        )

    def _same_host(self, url: str) -> str:
        if urlsplit(url)[:2] != urlsplit(self.endpoint)[:2]:
            raise SourceError(f"The Hub's list of files goes on at another host: {url[:100]}.")
        return url


def _hit(entry: dict[str, Any]) -> HubHit:
    downloads, tags = entry.get("downloads"), entry.get("tags")
    licences = [
        tag.removeprefix("license:")
        for tag in (tags if isinstance(tags, list) else [])
        if isinstance(tag, str) and tag.startswith("license:")
    ]
    return HubHit(
        repository=str(entry["id"]),
        downloads=downloads if isinstance(downloads, int) else None,
        licence=licences[0] if licences else None,
    )


def _is_file(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and entry.get("type") == "file"
        and isinstance(entry.get("path"), str)
        and ".." not in entry["path"].split("/")
    )


def _file(entry: dict[str, Any]) -> HubFile:
    lfs = entry.get("lfs")
    large = lfs if isinstance(lfs, dict) else {}
    size = large.get("size", entry.get("size"))
    found = _SHA256.fullmatch(str(large.get("oid", "")))
    usable = size if isinstance(size, int) and size >= 0 else None
    return HubFile(entry["path"], usable, Digest(found[1]) if found else None)
