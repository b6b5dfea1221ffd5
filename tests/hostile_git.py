"""Git hosts that take without bound: answers that begin well, and never end."""

from __future__ import annotations

import hashlib
import itertools
import struct
import time
import zlib
from collections.abc import Iterable, Iterator

from server import Answer, Asked, reply

ADVERTISEMENT = "application/x-git-upload-pack-advertisement"
RESULT = "application/x-git-upload-pack-result"


def line(content: bytes) -> bytes:
    """One line of Git's protocol (gitprotocol-common, pkt-line)."""
    return f"{len(content) + 4:04x}".encode() + content


def advertised(*names: bytes, identity: str = "1" * 40) -> bytes:
    """What a host says of its references, all of one commit."""
    able = b"\0side-band-64k ofs-delta symref=HEAD:refs/heads/main agent=x"
    first = line(identity.encode() + b" HEAD" + able + b"\n")
    others = b"".join(line(identity.encode() + b" " + name + b"\n") for name in names)
    return line(b"# service=git-upload-pack\n") + b"0000" + first + others + b"0000"


def streamed(blocks: Iterable[bytes], media_type: str, seconds: float = 0.0) -> Answer:
    """Sends blocks, so many seconds apart, without saying how much there will be."""

    def answer(asked: Asked) -> None:
        asked.send_response(200)
        asked.send_header("Content-Type", media_type)
        asked.send_header("Transfer-Encoding", "chunked")
        asked.end_headers()
        for block in blocks:
            asked.wfile.write(f"{len(block):x}\r\n".encode() + block + b"\r\n")
            time.sleep(seconds)
        asked.wfile.write(b"0\r\n\r\n")

    return answer


def after(first: Answer, then: Answer) -> Answer:
    """Answers well once."""
    answers = itertools.chain([first], itertools.repeat(then))

    def answer(asked: Asked) -> None:
        next(answers)(asked)

    return answer


GOOD = reply(advertised(b"refs/heads/main"), ADVERTISEMENT)


def endless_references(a_block: int = 2_000) -> Iterator[bytes]:
    """References without end, of long names."""
    yield line(b"# service=git-upload-pack\n") + b"0000"
    for start in itertools.count(0, a_block):
        names = (
            b"%040x refs/heads/" % at + b"b" * 200 + b"%d\n" % at
            for at in range(start, start + a_block)
        )
        yield b"".join(map(line, names))


def endless_progress(a_block: int = 1_000) -> Iterator[bytes]:
    """Words about the work (side band 2), and never a pack."""
    yield line(b"NAK\n")
    while True:
        yield line(b"\x02still counting\n") * a_block


def sent_pack(pack: bytes) -> Iterator[bytes]:
    """A pack in side band 1."""
    yield line(b"NAK\n")
    for at in range(0, len(pack), 65_000):
        yield line(b"\x01" + pack[at : at + 65_000])
    yield b"0000"


def packed(*objects: bytes, count: int | None = None) -> bytes:
    """A pack (gitformat-pack) of these objects; ``count`` is what its head says."""
    body = b"PACK" + struct.pack(">II", 2, len(objects) if count is None else count)
    body += b"".join(objects)
    return body + hashlib.sha1(body, usedforsecurity=False).digest()


def packed_object(kind: int, size: int, content: bytes) -> bytes:
    """An object of a pack; ``content`` is what follows its head."""
    head, size = (kind << 4) | (size & 15), size >> 4
    made = bytearray()
    while size:
        made.append(head | 0x80)
        head, size = size & 0x7F, size >> 7
    made.append(head)
    return bytes(made) + content


def zeros(size: int) -> bytes:
    """So many zeros, compressed."""
    packer = zlib.compressobj(9)
    block = bytes(1_000_000)
    return b"".join(packer.compress(block) for _ in range(size // 1_000_000)) + packer.flush()


def bomb(size: int) -> bytes:
    """A pack of a few kilobytes: an object of so many zeros, and what differs from it."""
    base = packed_object(3, size, zeros(size))
    delta = _varint(size) + _varint(1) + b"\x90\x01"  # copy one byte
    distance = len(base)
    back = [distance & 0x7F]
    while distance := distance >> 7:
        distance -= 1
        back.append(0x80 | (distance & 0x7F))
    other = packed_object(6, len(delta), bytes(reversed(back)) + zlib.compress(delta))
    return packed(base, other)


def _varint(number: int) -> bytes:
    made = bytearray()
    while number >> 7:
        made.append(0x80 | (number & 0x7F))
        number >>= 7
    return bytes([*made, number])
