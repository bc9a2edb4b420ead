"""Packets read from strangers: right, or one error; never long, never round in circles."""

from __future__ import annotations

import random
import struct
import time

import pytest

from freehold.errors import FormatError
from freehold.share.discovery.service import SERVICE, Service, gone_in, heard_in
from freehold.share.discovery.wire import (
    ANY,
    PTR,
    Packet,
    Question,
    Record,
    name_in,
    read,
    write,
    write_name,
)

ANA = Service("Ana's laptop", 2412, "ed25519:" + "a" * 64, host=b"freehold-1")
RECORDS = (ANA.pointer(), *ANA.details(), *ANA.addresses(("10.0.0.7", "fd00::7")))


def test_what_is_written_is_read() -> None:
    for packet in (
        Packet(questions=(Question(SERVICE, PTR), Question(ANA.instance, ANY))),
        Packet(answers=RECORDS, additionals=(ANA.kind(),), is_response=True, id=7),
        Packet((Question(ANA.instance, ANY),), authorities=ANA.details()),
    ):
        assert read(write(packet)) == packet


def test_compressed_names_as_other_programs_write_them() -> None:
    """A pointer record whose name and data point back into the packet."""
    head = struct.pack("!6H", 0, 0x8400, 0, 2, 0, 0)
    service = write_name(SERVICE)
    first = service + struct.pack("!HHIH", PTR, 1, 120, 5) + b"\2Bo\xc0\x0c"
    instance = 12 + len(service) + 10
    second = struct.pack("!H", 0xC000 | instance) + struct.pack("!HHIH", 33, 0x8001, 120, 11)
    data = head + first + second + struct.pack("!HHH", 0, 0, 2412) + b"\2pc\xc0" + bytes((27,))
    packet = read(data + b"ignored")
    assert name_in(packet.answers[0].data) == (b"Bo", *SERVICE)
    ((heard, ttl),) = heard_in(packet.answers, "10.0.0.8")
    assert (heard.name, heard.host, heard.port, ttl) == ("Bo", "10.0.0.8", 2412, 120)
    assert packet.answers[1].alone


def test_another_dns_library_reads_what_we_write() -> None:
    dns = pytest.importorskip("dns.message")
    told = dns.from_wire(write(Packet(answers=(ANA.pointer(),), is_response=True)))
    assert "Ana's\\032laptop._freehold._tcp.local." in told.to_text()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 11,
        b"\0" * 9001,
        struct.pack("!6H", 0, 0, 1, 0, 0, 0),
        struct.pack("!6H", 0, 0, 65535, 65535, 65535, 65535),
        struct.pack("!6H", 0, 0, 1, 0, 0, 0) + b"\xc0\x0c\0\x0c\0\1",
        struct.pack("!6H", 0, 0, 1, 0, 0, 0) + b"\xc0\x0e\xc0\x0c\0\x0c\0\1",
        struct.pack("!6H", 0, 0, 1, 0, 0, 0) + b"\xff\xff",
        struct.pack("!6H", 0, 0, 1, 0, 0, 0) + (b"\x3f" + b"a" * 63) * 5 + b"\0\0\x0c\0\1",
        struct.pack("!6H", 0, 0, 1, 0, 0, 0) + b"\x50abc",
        struct.pack("!6H", 0, 0, 0, 1, 0, 0) + b"\0" + struct.pack("!HHIH", 33, 1, 0, 3) + b"abc",
        struct.pack("!6H", 0, 0, 0, 1, 0, 0) + b"\0" + struct.pack("!HHIH", 16, 1, 0, 60000),
    ],
    ids=range(12),
)
def test_what_is_no_packet_is_one_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        read(data)


def test_no_random_byte_does_more(capsys: pytest.CaptureFixture[str]) -> None:
    """Random bytes, and good packets with bytes changed, cut and doubled."""
    chance = random.Random(8)
    good = write(Packet(answers=RECORDS, is_response=True))
    refused = taken = 0
    slowest = 0.0
    for number in range(20_000):
        data = bytearray(good if number % 2 else chance.randbytes(chance.randrange(600)))
        for _ in range(chance.randrange(1, 6)):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        if number % 7 == 0:
            data = data[: chance.randrange(len(data) + 1)] * chance.randrange(1, 3)
        begun = time.process_time()
        try:
            packet = read(bytes(data))
            heard_in(packet.answers + packet.additionals, "10.0.0.9")
            gone_in(packet.answers)
            taken += 1
        except FormatError:
            refused += 1
        slowest = max(slowest, time.process_time() - begun)
    with capsys.disabled():
        print(f"\n  20,000 packets: {refused} refused, {taken} read, none raised anything else")
    assert refused > 5_000
    assert taken > 1_000


@pytest.mark.parametrize(
    "label",
    [b"\x1b[2J", b"two\nlines", b"\xff\xfe", b" x", "\u202eevil".encode(), b"\x7f", b"\x9b1m"],
)
def test_a_name_that_could_drive_a_terminal_is_not_heard(label: bytes) -> None:
    place = struct.pack("!HHH", 0, 0, 2412) + write_name((b"pc", b"local"))
    assert heard_in((Record((label, *SERVICE), 33, 120, place),), "10.0.0.9") == []


def test_nothing_private_is_announced() -> None:
    from pathlib import Path
    from platform import node

    data = write(Packet(answers=RECORDS, additionals=(ANA.kind(),), is_response=True))
    for private in (node(), Path.home().name, str(Path.home())):
        assert private.encode() not in data
    assert Service("A", 1, None).host != Service("A", 1, None).host


def test_a_long_name_is_cut_between_characters() -> None:
    (label, *_) = Service("ü" * 60, 1, None).instance
    assert label == ("ü" * 31).encode()
