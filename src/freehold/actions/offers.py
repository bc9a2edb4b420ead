"""Several places for the same bytes: which answers first, and which can lend its addresses.

Two files are the same when their hashes are; names and places do not matter. A file without a
promised hash is never mixed with another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from freehold.errors import HashMismatch, SourceError
from freehold.names import Digest, ModelRef
from freehold.progress import Progress
from freehold.sources.interface import Offer, OfferedFile, Role

if TYPE_CHECKING:
    from freehold.actions.network import Network
    from freehold.settings import Settings
    from freehold.store.model import OwnedModel


def first_offer(
    refs: Sequence[ModelRef], settings: Settings, network: Network, progress: Progress
) -> tuple[Offer, list[Offer]]:
    """What the first place that answers offers, and what the others do.

    Places that cannot be reached are named in a note. Raises the first place's error when none
    answers, and HashMismatch when two promise different bytes.
    """
    from freehold.sources.registry import source_for

    offers: list[Offer] = []
    failures: list[SourceError] = []
    for ref in refs:
        try:
            offers.append(source_for(ref, settings, network.connect).resolve(ref))
        except SourceError as error:
            failures.append(error)
            if len(refs) > 1:
                progress.note(f"{ref}: {error.message}")
    if not offers:
        raise failures[0]
    for other in offers[1:]:
        _must_agree(offers[0], other)
    return offers[0], offers[1:]


def with_mirrors(offer: Offer, others: Sequence[Offer], owned: Iterable[OwnedModel]) -> Offer:
    """The offer with every other address known for the same bytes: from the other places, and from
    where the ledger says that they were seen before.
    """
    known: dict[Digest, list[str]] = {}
    for file in (file for other in others for file in other.files):
        if file.sha256 and _is_plain(file):
            known.setdefault(file.sha256, []).extend(file.pieces[0].remote.urls)
    for model in owned:
        only = [file for file in model.files if file.role == Role.WEIGHTS]
        if len(only) == 1:
            urls = [seen.url for seen in model.sightings if seen.url and _is_file(seen.url)]
            known.setdefault(only[0].digest, []).extend(urls)
    return replace(offer, files=tuple(_mirrored(file, known) for file in offer.files))


def _mirrored(file: OfferedFile, known: dict[Digest, list[str]]) -> OfferedFile:
    if file.sha256 is None or file.sha256 not in known or not _is_plain(file):
        return file
    piece = file.pieces[0]
    remote = piece.remote.mirrored(*known[file.sha256])
    return replace(file, pieces=(replace(piece, remote=remote),))


def _is_plain(file: OfferedFile) -> bool:
    """Whether a download of it is the file itself, and not an archive with the file in it."""
    return len(file.pieces) == 1 and file.pieces[0].member is None and bool(_urls(file))


def _urls(file: OfferedFile) -> tuple[str, ...]:
    return file.pieces[0].remote.urls


def _is_file(url: str) -> bool:
    return not url.partition("?")[0].endswith((".whl", ".zip"))


def _must_agree(one: Offer, other: Offer) -> None:
    first, second = _weights(one), _weights(other)
    if None not in first | second and first != second:
        raise HashMismatch(
            f"{one.ref} and {other.ref} promise different bytes.",
            "They are different models, or different versions: get them one by one.",
        )


def _weights(offer: Offer) -> set[Digest | None]:
    return {file.sha256 for file in offer.files if file.role == Role.WEIGHTS}
