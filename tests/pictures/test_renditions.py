"""Renditions: what each output gets, judged by opening it again."""

from __future__ import annotations

import contextlib
import hashlib
import io
import struct
import subprocess
import sys
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageFile

from convert.contract import RenditionRequest
from convert.pictures.renditions import UnusablePicture, examine, key, make

EREADER = RenditionRequest(use="ereader")


def photo(width: int = 320, height: int = 200, mode: str = "RGB") -> Image.Image:
    """Many colours, the same each time."""
    noise = hashlib.shake_256(b"photo").digest(width * height // 16)
    small = Image.frombytes("L", (width // 4, height // 4), noise)
    bands = [
        small.transpose(Image.Transpose.ROTATE_180),
        small,
        small.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    ]
    return Image.merge("RGB", bands).resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def reopened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def drawing() -> Image.Image:
    image = Image.new("RGB", (300, 100), "white")
    image.paste((200, 30, 30), (20, 20, 120, 80))
    return image


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "BMP"])
def test_photographs_that_readers_cannot_show_become_jpeg(kind: str) -> None:
    made = make(encoded(photo(), kind), EREADER)
    assert made is not None
    assert (made.media_type, made.suffix, made.width, made.height) == (
        "image/jpeg",
        ".jpg",
        320,
        200,
    )
    assert reopened(made.content).format == "JPEG"
    assert made.digest == hashlib.sha256(made.content).hexdigest()


def test_transparency_and_few_colours_become_png() -> None:
    clear = photo(mode="RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    for picture in (clear, drawing()):
        made = make(encoded(picture, "WEBP", lossless=True, exact=True), EREADER)
        assert made is not None
        assert made.media_type == "image/png"
        shown = reopened(made.content).convert(picture.mode)
        assert shown.tobytes() == picture.tobytes()


def test_what_fits_goes_out_as_it_came() -> None:
    for content in (encoded(photo(), "JPEG"), encoded(drawing(), "PNG"), encoded(drawing(), "GIF")):
        for use in ("ereader", "print", "web", "original"):
            made = make(content, RenditionRequest(use=use))
            assert made is not None
            assert made.content == content
    webp = encoded(photo(), "WEBP")
    made = make(webp, RenditionRequest(use="web"))
    assert made is not None
    assert made.content == webp


def test_rotation_is_applied_and_metadata_dropped() -> None:
    picture = Image.new("RGB", (60, 40), "blue")
    picture.paste((255, 0, 0), (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "A camera"
    made = make(encoded(picture, "JPEG", exif=exif, comment=b"at home", quality=95), EREADER)
    assert made is not None
    shown = reopened(made.content)
    assert shown.size == (40, 60) == (made.width, made.height)
    red, _, blue = shown.convert("RGB").getpixel((35, 5))  # type: ignore[misc]
    assert red > 200 > 60 > blue
    assert not shown.getexif()
    assert b"camera" not in made.content
    assert b"at home" not in made.content


def test_metadata_alone_costs_no_quality() -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    content = encoded(photo(), "JPEG", exif=exif, quality=60)
    made = make(content, EREADER)
    assert made is not None
    assert b"camera" not in made.content
    before, after = reopened(content), reopened(made.content)
    assert before.quantization == after.quantization  # type: ignore[attr-defined]
    assert len(made.content) < len(content) * 1.05


def test_longest_side_and_grey() -> None:
    made = make(
        encoded(photo(), "PNG"), RenditionRequest(use="ereader", longest_side=100, grey=True)
    )
    assert made is not None
    shown = reopened(made.content)
    assert (shown.size, shown.mode) == ((100, 63), "L")
    assert (made.width, made.height) == (100, 63)


def test_a_grey_photograph_is_still_a_photograph() -> None:
    for picture in (photo(), photo(mode="L")):
        made = make(encoded(picture, "WEBP"), RenditionRequest(use="ereader", grey=True))
        assert made is not None
        assert (made.media_type, reopened(made.content).mode) == ("image/jpeg", "L")


def test_a_smaller_picture_is_not_enlarged() -> None:
    made = make(encoded(photo(), "WEBP"), RenditionRequest(use="ereader", longest_side=5000))
    assert made is not None
    assert (made.width, made.height) == (320, 200)


@pytest.mark.parametrize("budget", [30_000, 8_000, 2_000])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_budget_is_met_by_quality_then_size(budget: int, mode: str) -> None:
    picture = photo(800, 600, mode)
    if mode == "RGBA":
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    content = encoded(picture, "PNG")
    assert len(content) > 100_000
    made = make(content, RenditionRequest(use="ereader", max_bytes=budget))
    assert made is not None
    assert len(made.content) <= budget
    assert reopened(made.content).size == (made.width, made.height)


def test_turned_and_resized_at_once() -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    content = encoded(photo(1600, 800), "JPEG", exif=exif)
    made = make(content, RenditionRequest(use="ereader", longest_side=100))
    assert made is not None
    assert (made.width, made.height) == reopened(made.content).size == (50, 100)
    again = make(content, RenditionRequest(use="print", longest_side=1599))
    assert again is not None
    assert (again.width, again.height) == (800, 1599)


def test_colour_profiles_go_with_their_colours() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = encoded(photo(), "WEBP", icc_profile=profile)
    colour = make(content, EREADER)
    grey = make(content, RenditionRequest(use="ereader", grey=True))
    assert colour is not None
    assert grey is not None
    assert reopened(colour.content).info["icc_profile"] == profile
    assert "icc_profile" not in reopened(grey.content).info


def test_unusual_colours() -> None:
    cmyk = make(encoded(photo(mode="CMYK"), "JPEG"), EREADER)
    assert cmyk is not None
    assert reopened(cmyk.content).mode == "RGB"
    deep = Image.frombytes("I;16", (2, 1), struct.pack("<2H", 0x8000, 0xFFFF))
    grey = make(encoded(deep, "PNG"), EREADER)
    assert grey is not None
    assert reopened(grey.content).convert("L").tobytes() == b"\x80\xff"
    palette = drawing().quantize(8)
    made = make(encoded(palette, "WEBP", lossless=True), EREADER)
    assert made is not None
    assert made.media_type == "image/png"
    bits = make(encoded(drawing().convert("1"), "BMP"), EREADER)
    assert bits is not None
    assert reopened(bits.content).size == (300, 100)


def test_moving_pictures() -> None:
    frames = [Image.new("P", (30, 30), colour) for colour in (10, 20, 30)]
    for frame in frames:
        frame.putpalette(bytes(range(256)) * 3)
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    kept = make(moving, EREADER)
    assert kept is not None
    assert kept.content == moving
    still = make(moving, RenditionRequest(use="print"))
    assert still is not None
    assert still.media_type == "image/png"
    small = make(moving, RenditionRequest(use="ereader", longest_side=10))
    assert small is not None
    assert (small.width, getattr(reopened(small.content), "n_frames", 1)) == (10, 1)


def huge_png(width: int, height: int) -> bytes:
    """The head of a PNG that says it is that large, and a little of its data."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + crc

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(100_000)))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


def huge_gif() -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", 30_000, 30_000, 0x80, 0, 0) + bytes(6) + (
        b"," + struct.pack("<HHHHB", 0, 0, 30_000, 30_000, 0) + b"\x02\x02\x4c\x01\x00;"
    )  # fmt: skip


def in_an_icon(content: bytes) -> bytes:
    """A picture within a picture: an icon says nothing of how large it is."""
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 0, 0, 0, 0, 1, 32, len(content), 22) + content


def huge_webp() -> bytes:
    """An animation whose canvas alone would take 1 GB."""
    frame = encoded(Image.new("RGB", (8, 8)), "WEBP", lossless=True)[12:]
    side = (16_382).to_bytes(3, "little")
    chunks = b"VP8X" + struct.pack("<I", 10) + b"\2\0\0\0" + side + side
    chunks += b"ANIM" + struct.pack("<I", 6) + bytes(6)
    chunks += b"ANMF" + struct.pack("<I", 16 + len(frame)) + bytes(6) + b"\7\0\0" * 2 + bytes(4)
    return b"RIFF" + struct.pack("<I", len(chunks) + len(frame) + 4) + b"WEBP" + chunks + frame


def headed(kind: str, at: bytes, size: bytes) -> bytes:
    """A picture whose head lies about its size."""
    content = encoded(Image.new("RGB", (64, 64)), kind)
    place = content.index(at) + len(at)
    return content[:place] + size + content[place + len(size) :]


BOMBS = [
    huge_gif(),
    huge_webp(),
    in_an_icon(huge_png(9_000, 9_000)),
    in_an_icon(huge_png(13_000, 13_000)),
    headed("JPEG", b"\xff\xc0\0\x11\x08", struct.pack(">HH", 65_000, 65_000)),
    headed("BMP", struct.pack("<I", 40), struct.pack("<ii", 30_000, 30_000)),
    headed("AVIF", b"ispe\0\0\0\0", struct.pack(">II", 16_000, 16_000)),
]


@pytest.mark.parametrize("content", [huge_png(30_000, 30_000), huge_png(9_000, 9_000), *BOMBS])
def test_bombs_are_refused_before_they_are_decoded(content: bytes) -> None:
    start = time.process_time()
    with pytest.raises(UnusablePicture, match="more than 50,000,000 pixels"):
        examine(content)
    with pytest.raises(UnusablePicture, match="more than 50,000,000 pixels"):
        make(content, EREADER)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "HTML page"),
        (b"\n <html><svg></svg></html>", "HTML page"),
        (b"GIF89a", "damaged|no picture"),
        (b"%PDF-1.7 and so on", "no picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no picture"),
        (encoded(photo(), "TIFF"), "no picture"),
        (encoded(photo(), "JPEG")[:-2000], "damaged"),
        (encoded(photo(), "PNG")[:-2000], "damaged"),
        (encoded(photo(), "WEBP")[:-2000], "damaged|no picture"),
        (encoded(photo(), "AVIF")[:-2000], "damaged|no picture"),
        (encoded(photo(), "PNG").replace(b"IDAT", b"IDAT\xff\xff", 1), "damaged"),
    ],
)
def test_what_is_no_whole_picture_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(UnusablePicture, match=reason):
        examine(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "ICO"])
def test_damage_anywhere_is_no_traceback(kind: str) -> None:
    content = encoded(photo(48, 32), kind)
    for at in range(0, len(content), max(1, len(content) // 60)):
        broken = content[:at] + b"\xff\x00\xff\xff" + content[at + 4 :]
        for judge in (examine, lambda each: make(each, RenditionRequest(use="ereader", grey=True))):
            # The test is that no other error comes out.
            with contextlib.suppress(UnusablePicture):
                assert judge(broken)


def test_the_same_bytes_each_time() -> None:
    content = encoded(photo(), "WEBP")
    request = RenditionRequest(use="ereader", longest_side=150, max_bytes=9_000)
    assert make(content, request) == make(content, request)
    assert key("a", request) == key(
        "a", RenditionRequest(use="ereader", longest_side=150, max_bytes=9_000)
    )
    assert len({key("a", request), key("b", request), key("a", EREADER)}) == 3


def test_svg_is_cleaned_or_left_out() -> None:
    picture = b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="1in"><script/></svg>'
    found = examine(picture)
    assert (found.format, found.width, found.height) == ("SVG", 20, 96)
    for use in ("original", "ereader", "print", "web"):
        made = make(picture, RenditionRequest(use=use))
        assert made is not None
        assert b"script" not in made.content
        assert (made.media_type, made.width, made.height) == ("image/svg+xml", 20, 96)
    assert make(picture, RenditionRequest(use="print", raster=True)) is None
    assert make(picture, RenditionRequest(use="ereader", max_bytes=10)) is None


PACKED = zlib.compress(bytes(50_000_000), 9)


def with_chunks(*chunks: bytes) -> bytes:
    content = encoded(drawing(), "PNG")
    whole = b"".join(
        struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each))
        for each in chunks
    )
    return content[:33] + whole + content[33:]


def used_again_and_again() -> bytes:
    """Ten to the eleventh paths."""
    groups = "".join(
        f'<g id="a{at}">{f"""<use href="#a{at - 1}"/>""" * 10}</g>' for at in range(1, 12)
    )
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    return f'{head}<g id="a0"><path d="M0 0"/></g>{groups}</svg>'.encode()


@pytest.mark.parametrize(
    "content",
    [
        with_chunks(b"zTXtx\0\0" + PACKED),
        with_chunks(b"iCCPx\0\0" + PACKED),
        with_chunks(*(b"zTXtx\0\0" + zlib.compress(bytes(999_000), 9) for _ in range(100))),
        used_again_and_again(),
    ],
)
def test_what_grows_when_it_is_unpacked_is_refused_in_time_and_memory(content: bytes) -> None:
    """In a process of its own with 700 MB of addresses, of which importing takes a part."""
    resource = pytest.importorskip("resource")

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (700_000_000, 700_000_000))

    code = (
        "import sys; from convert.pictures.renditions import *\n"
        "try: examine(sys.stdin.buffer.read())\n"
        "except UnusablePicture as error: print(error.passing, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=content,
        capture_output=True,
        preexec_fn=limited,
        timeout=20,
        check=False,
    )
    assert done.stdout.startswith(b"False "), done.stderr


def test_no_memory_is_no_fault_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    content = encoded(photo(), "PNG")
    monkeypatch.setattr(ImageFile.ImageFile, "load", exhausted)
    with pytest.raises(UnusablePicture, match="memory") as caught:
        examine(content)
    assert caught.value.passing


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "ICO", "TIFF"])
@given(st.data())
def test_a_damaged_picture_is_whole_or_refused(kind: str, data: st.DataObject) -> None:
    content = bytearray(encoded(photo(48, 32), kind))
    # Most of what can go wrong stands in the head.
    place = st.one_of(st.integers(0, min(200, len(content) - 1)), st.integers(0, len(content) - 1))
    for at in data.draw(st.lists(place, max_size=6)):
        content[at] = data.draw(st.sampled_from((0, 1, 127, 128, 254, 255, content[at] ^ 1)))
    broken = bytes(content[: data.draw(st.integers(0, len(content)))])
    if data.draw(st.booleans()):
        broken = bytes(content)
    for request in (RenditionRequest(use="ereader", longest_side=20), RenditionRequest(use="web")):
        with contextlib.suppress(UnusablePicture):
            examine(broken)
            made = make(broken, request)
            assert made is not None
            assert max(reopened(made.content).size) > 0


def test_half_a_picture_is_refused_beside_weasyprint_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(UnusablePicture, match="damaged"):
        examine(encoded(photo(), "JPEG")[:-2000])
