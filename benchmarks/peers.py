"""What one would use instead, on the same entries: pandoc, Chromium, calibre, WeasyPrint."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from corpus import one_page
from measuring import Measured, measure

WEASYPRINT = """
import pathlib, sys, weasyprint
class Nothing(weasyprint.URLFetcher):
    def fetch(self, url, headers=None):
        raise ValueError("not fetched")
page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
weasyprint.HTML(string=page, url_fetcher=Nothing()).write_pdf(sys.argv[2])
"""


def plan(store: Path, folder: Path) -> Iterator[tuple[str, Callable[[], Measured]]]:
    """A row for each tool that is installed."""
    page = one_page(store, folder / "all.html")
    pandoc = _pandoc()
    if pandoc:
        for name, suffix in (("epub3", "epub"), ("gfm", "md")):
            command = [pandoc, "-f", "html", "-t", name, page, "-o", folder / f"pandoc.{suffix}"]
            yield f"pandoc to {suffix}", partial(measure, command)
    if calibre := shutil.which("ebook-convert"):
        yield (
            "calibre to epub",
            partial(measure, [calibre, page, folder / "calibre.epub"], limit=120),
        )
    if chromium := shutil.which("chromium") or shutil.which("chromium-browser"):
        yield "Chromium's print to pdf", lambda: measure(_print(chromium, page, folder))
    yield (
        "WeasyPrint, one document",
        lambda: measure([sys.executable, "-c", WEASYPRINT, page, folder / "one.pdf"]),
    )


def _pandoc() -> str | None:
    try:
        import pypandoc  # noqa: PLC0415 - only where the group "bench" is installed
    except ImportError:
        return shutil.which("pandoc")
    return str(pypandoc.get_pandoc_path())


def _print(chromium: str, page: Path, folder: Path) -> list[object]:
    return [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
        "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={folder / 'chromium'}", "--timeout=600000",
        f"--print-to-pdf={folder / 'chromium.pdf'}", page.as_uri(),
    ]  # fmt: skip
