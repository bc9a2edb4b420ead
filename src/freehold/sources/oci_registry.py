"""One repository of an OCI registry: its manifests, its small blobs, its tags.

Speaks the distribution protocol's reading half. Everything that arrives is held against the hash
it goes by. Big blobs are for the transfer engine: this says where they are.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from freehold.errors import AccessDenied, HashMismatch, NotFound, SourceError
from freehold.names import Digest
from freehold.sources import manifests
from freehold.sources.manifests import Descriptor, Index, Manifest
from freehold.sources.oci_login import DockerLogins, authorise, login_hint
from freehold.transfer.interface import RemoteFile
from freehold.transfer.proxies import is_loopback

if TYPE_CHECKING:
    from freehold.transfer.http import HttpClient
    from freehold.transfer.response import Response

_DEEPEST = 3
"""A list may point to a list; further down there is no honest reason to go."""
_PAGE = 1 << 20
_MOST_PAGES = 1000
_MOST_TAGS = 100_000
_NEXT = re.compile(r'<([^>]*)>[^,]*;\s*rel="?next"?(?:[;,\s]|$)', re.IGNORECASE)
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DOCKER_HUB = frozenset({"docker.io", "index.docker.io"})


class Registry:
    """A repository at a host. Asks anonymously first, and for a token only when told to."""

    def __init__(
        self, client: HttpClient, host: str, repository: str, logins: DockerLogins | None = None
    ) -> None:
        """`host` may have a port; this machine's own names are spoken to without TLS."""
        if host in _DOCKER_HUB:
            host = "registry-1.docker.io"
            repository = repository if "/" in repository else f"library/{repository}"
        self.host = host
        self.repository = repository
        self._client = client
        self._logins = logins or DockerLogins()
        scheme = "http" if is_loopback(urlsplit(f"//{host}").hostname) else "https"
        self._origin = f"{scheme}://{host}"
        self._base = f"{self._origin}/v2/{quote(repository)}"
        self._authorization: str | None = None

    def manifest(self, reference: str) -> Manifest:
        """What a tag or a digest stands for; of a list, the one that is meant.

        Raises NotFound with the tags there are, HashMismatch when a digest was asked for and
        something else came, AccessDenied, Unreachable or SourceError.
        """
        raw = self._document(reference)
        found = manifests.parse(raw, self.host)
        for _ in range(_DEEPEST):
            if isinstance(found, Manifest):
                return found
            found = self._chosen(found)
        raise SourceError(f"{self.host} has a list of lists of lists under this name.")

    def blob(self, descriptor: Descriptor, limit: int, what: str) -> bytes:
        """A small blob, proven. Raises HashMismatch when it is not what the manifest says."""
        if descriptor.size > limit:
            raise SourceError(f"{self.host} has {what} of {descriptor.size:,} bytes: too large.")
        with self._open(self._blob_url(descriptor.digest), "*/*", what) as response:
            raw = response.read_whole(limit, what)
        self._prove(raw, str(descriptor.digest), what)
        return raw

    def remote(self, descriptor: Descriptor) -> RemoteFile:
        """Where a blob is, for the transfer engine."""
        headers = (("Authorization", self._authorization),) if self._authorization else ()
        return RemoteFile(
            urls=(self._blob_url(descriptor.digest),),
            size=descriptor.size,
            sha256=descriptor.digest,
            headers=headers,
        )

    def tags(self) -> tuple[str, ...]:
        """Every tag of this repository, in the registry's order."""
        url = f"{self._base}/tags/list"
        found: dict[str, None] = {}
        seen: set[str] = set()
        while url not in seen and len(seen) < _MOST_PAGES and len(found) < _MOST_TAGS:
            seen.add(url)
            page, link = self._tag_page(url)
            found.update(dict.fromkeys(page))
            following = _NEXT.search(link)
            if following is None:
                return tuple(found)
            url = self._next_page(url, following[1])
        raise SourceError(f"{self.host} has a list of tags that never ends.")

    def _chosen(self, index: Index) -> Manifest | Index:
        entry = manifests.choose(index, self.host)
        raw = self._document(str(entry.digest))
        if len(raw) != entry.size:
            raise HashMismatch(
                f"{self.host} promised a manifest of {entry.size:,} bytes and sent {len(raw):,}."
            )
        return manifests.parse(raw, self.host)

    def _document(self, reference: str) -> bytes:
        """A manifest's bytes, which have the digest asked for, or the one announced."""
        what = (
            f"model {self.repository}{'@' if reference.startswith('sha256:') else ':'}{reference}"
        )
        url = f"{self._base}/manifests/{quote(reference, safe=':')}"
        try:
            with self._open(url, manifests.ACCEPT, what) as response:
                if response.is_html:
                    raise SourceError(
                        f"{self.host} answered with a web page where a manifest was expected.",
                        "It may be no model registry, or the network wants a login in a browser.",
                    )
                raw = response.read_whole(manifests.LIMIT, f"the manifest of {what}")
                announced = response.header("Docker-Content-Digest") or ""
        except NotFound as error:
            raise NotFound(error.message, self._hint()) from error
        expected = reference if reference.startswith("sha256:") else announced
        if expected.startswith("sha256:"):
            self._prove(raw, expected, f"the manifest of {what}")
        return raw

    def _hint(self) -> str:
        """What there is instead, as far as the registry tells."""
        try:
            tags = self.tags()
        except SourceError:  # not every registry lists them, and the first error is the one to tell
            tags = ()
        if not tags:
            return "Check the spelling of the name and of the tag."
        more = f", and {len(tags) - 20} more" if len(tags) > 20 else ""
        return f"It has these tags: {', '.join(tags[:20])}{more}."

    def _tag_page(self, url: str) -> tuple[list[str], str]:
        what = f"list of tags of {self.repository}"
        with self._open(url, "application/json", what) as response:
            raw = response.read_whole(_PAGE, what)
            link = response.header("Link") or ""
        try:
            document = json.loads(raw)
        except (ValueError, RecursionError):
            document = None
        tags = document.get("tags", ()) if isinstance(document, dict) else None
        if tags is None and isinstance(document, dict):
            return [], link  # how Go writes an empty list
        if not isinstance(tags, list) or not all(_is_tag(each) for each in tags):
            raise SourceError(f"{self.host} answered with something that is not a list of tags.")
        return tags, link

    def _next_page(self, url: str, link: str) -> str:
        """Where the list goes on; a proxy may have let it name another host, which is not asked."""
        try:
            parts = urlsplit(urljoin(url, link))
        except ValueError as error:
            raise SourceError(f"{self.host} continues its list of tags nowhere.") from error
        return self._origin + urlunsplit(("", "", parts.path, parts.query, ""))

    def _open(self, url: str, accept: str, what: str) -> Response:
        """A good answer, after logging in where that is asked for."""
        try:
            return self._client.document(url, self._headers(accept), what)
        except AccessDenied as error:
            denied = AccessDenied(error.message, login_hint(self.host))
        with self._client.open(url, self._headers(accept)) as response:
            header = response.header("WWW-Authenticate")
            # A challenge from where we were redirected to is not this registry's to make.
            if header is None or not response.url.startswith(f"{self._origin}/"):
                raise denied
        scope = f"repository:{self.repository}:pull"
        self._authorization = authorise(self._client, header, self.host, scope, self._logins)
        try:
            return self._client.document(url, self._headers(accept), what)
        except AccessDenied as error:
            raise AccessDenied(error.message, login_hint(self.host)) from error

    def _headers(self, accept: str) -> dict[str, str]:
        headers = {"Accept": accept}
        if self._authorization:
            headers["Authorization"] = self._authorization
        return headers

    def _blob_url(self, digest: Digest) -> str:
        return f"{self._base}/blobs/{digest}"

    def _prove(self, raw: bytes, expected: str, what: str) -> None:
        found = str(manifests.digest_of(raw))
        if found != expected:
            raise HashMismatch(
                f"{self.host} sent {what} with other bytes than its hash says.",
                f"Expected {expected[:80]}, got {found}. Try again, or use another source.",
            )


def _is_tag(value: object) -> bool:
    return isinstance(value, str) and _TAG.fullmatch(value) is not None
