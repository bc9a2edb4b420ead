"""The worker of a download: takes parts from the shared work and asks for them, one by one."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from freehold.errors import HashMismatch, SourceError, Unreachable
from freehold.transfer.answer import BLOCK, Busy, Opening, blocks, check_opening
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile
from freehold.transfer.mirrors import Mirror
from freehold.transfer.ranges import Range
from freehold.transfer.rate import TokenBucket
from freehold.transfer.response import Response
from freehold.transfer.running import Job, Running
from freehold.transfer.sinks import PlainSink, ProvenSink, Sink, TargetFile, resize
from freehold.transfer.work import TOO_MANY_WRONG, Work

_FINEST = 4 << 10
_PER_SECOND = 8
"""Under a bandwidth cap a block is this part of a second's worth, so that the flow is even."""


class _Changed(Exception):  # never leaves this file
    """The source now has another version of the file."""


class Puller:
    """Fetches until there is nothing left to fetch. One for each connection."""

    def __init__(
        self,
        remote: RemoteFile,
        target: Path,
        work: Work,
        client: HttpClient,
        bucket: TokenBucket | None,
    ) -> None:
        self._remote, self._target, self._work = remote, target, work
        self._client, self._bucket = client, bucket
        self._response: Response | None = None
        self._block = BLOCK
        if bucket is not None:
            self._block = min(BLOCK, max(_FINEST, int(bucket.rate / _PER_SECOND)))

    def run(self) -> None:
        """Work until the work is done or has failed. Failures go into the work, none is raised."""
        try:
            with TargetFile(self._target) as file:
                while (taken := self._work.take()) is not None:
                    self._attempt(file, *taken)
        except BaseException as error:  # noqa: BLE001  # handed to the thread that waits
            self._work.stop(error)

    def interrupt(self) -> None:
        """End a read that is waiting for bytes."""
        response = self._response
        if response is not None:
            response.stop()

    def _attempt(self, file: TargetFile, running: Running, wait: float) -> None:
        mirror = running.mirror
        running.stop = self.interrupt
        try:
            self._work.pause(wait)
            asked_at = time.monotonic()
            running.start(asked_at)
            jobs = [] if self._work.stopping else running.jobs[:]
            for job in jobs:  # one, or none when another has it by now
                self._pull(file, running, job)
        except Busy as busy:
            self._work.failed(mirror, busy.error, asked_at, busy.wait)
        except Unreachable as error:
            self._work.failed(mirror, error, asked_at, None)
        except (SourceError, HashMismatch) as error:
            self._work.give_up(mirror, error)
        except _Changed:
            self._work.begin_again()
        finally:
            self._response = None
            self._work.give_back(running)

    def _pull(self, file: TargetFile, running: Running, job: Job) -> None:
        mirror, work = running.mirror, self._work
        start = job.start if job.end is not None else None
        headers = self._remote.headers_for(mirror.url)
        with self._client.stream(mirror.url, start, job.end, headers) as response:
            self._response = response
            what = f"the file {response.url.rpartition('/')[2][:100]}"
            opening = check_opening(response, job.start, job.end, work.size, what)
            self._same_version(mirror, response)
            work.opened(mirror, opening.ranged)
            if opening.size is not None:
                work.learn_size(opening.size, self._prepare)
            if not opening.ranged:
                work.claim_all(running)
            end = self._receive(response, opening, file, running)
            if opening.size is None and not (work.stopping or running.was_cut):
                work.learn_size(end, self._prepare)

    def _receive(
        self, response: Response, opening: Opening, file: TargetFile, running: Running
    ) -> int:
        mirror = running.mirror

        def no_more() -> bool:
            hopeless = mirror.given_up and mirror.wrong_chunks >= TOO_MANY_WRONG
            return self._work.stopping or hopeless or running.is_over

        sink, last = self._sink(file, running.jobs, mirror), running.end
        end = opening.start
        for position, block in blocks(response, opening, self._block, no_more):
            end = position + len(block)
            with running.writing:
                sink.take(position, running.clip(position, block))
            self._work.count(running, len(block))
            if self._bucket is not None:
                self._work.pause(self._bucket.reserve(len(block)))
            if not opening.ranged and last is not None and end >= last:
                break
        return end

    def _sink(self, file: TargetFile, jobs: list[Job], mirror: Mirror) -> Sink:
        limit = 1 << 62 if self._work.size is None else self._work.size
        wanted: list[Range] = [(each.start, min(each.end or limit, limit)) for each in jobs]
        landed = partial(self._work.landed, mirror)
        if self._work.hashes is None:
            return PlainSink(file, wanted, landed)
        wrong = partial(self._work.is_wrong, mirror)
        return ProvenSink(file, wanted, landed, self._work.hashes, wrong)

    def _same_version(self, mirror: Mirror, response: Response) -> None:
        """Where no hash will tell, the address itself must: never mix two versions of a file."""
        if self._remote.sha256 is not None:
            return
        seen, now = mirror.validator, response.validator
        if seen is not None and now is not None and seen != now:
            raise _Changed
        mirror.validator = now or seen

    def _prepare(self, size: int) -> None:
        resize(self._target, size)
