"""Pages of a book on a small and on a large screen, as Chromium lays them out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest
from epub_samples import PHOTO, FewImages, make_book, png

from convert.testing import entry_set, prepared

WIDTHS = (400, 1200)
DIGEST = "deadbeefcafe0123" * 14
TERMS = "".join(f"<mo>+</mo><msub><mi>a</mi><mn>{at}</mn></msub>" for at in range(60))
BODIES = {
    "strings": f"<h2>{DIGEST}</h2><p>{DIGEST} <code>{DIGEST}</code> a<em>b{DIGEST}</em></p>"
    f"<ul><li><a href='https://example.org/{DIGEST}'>{DIGEST}</a></li></ul><pre>{DIGEST}</pre>"
    f"<table><caption>{DIGEST}</caption><tbody><tr><td>{DIGEST}</td><td>x</td></tr></tbody></table>"
    f"<blockquote><p>{'W' * 300}</p></blockquote><dl><dt>{DIGEST}</dt><dd>{DIGEST}</dd></dl>"
    f"<details><summary>{DIGEST}</summary><p>{DIGEST}</p></details>",
    "pictures": f'<p><img src="image:{PHOTO}" alt="sea" width="3000" height="40"/></p>'
    '<p><svg width="3000" height="40" viewBox="0 0 3000 40"><rect width="9" height="9"/></svg></p>',
    "formula": f"<p>inline <math display='inline'><mrow><mi>x</mi>{TERMS}</mrow></math> end</p>"
    f"<math display='block'><mrow><mi>x</mi>{TERMS}</mrow></math>",
    "lists": "<ul><li>level" * 28 + f"<p>{DIGEST}</p>" + "</li></ul>" * 28,
    "quotes": "<blockquote><p>level</p>" * 28 + f"<p>{DIGEST}</p>" + "</blockquote>" * 28,
    "terms": "<dl><dt>level</dt><dd>" * 14 + f"<p>{DIGEST}</p>" + "</dd></dl>" * 14,
    **{
        f"table-{columns}": "<table><tbody><tr>"
        + "".join(f"<td>Heading{at} word</td>" for at in range(columns))
        + "</tr></tbody></table>"
        for columns in (3, 9, 27, 200)
    },
}
SCRIPT = """<!doctype html><meta charset="utf-8"><body><script>
const found = {}, frames = FRAMES;
addEventListener("load", () => {
  for (const frame of document.querySelectorAll("iframe")) {
    const root = frame.contentDocument.documentElement;
    found[frame.title] = [root.clientWidth, root.scrollWidth];
  }
  document.documentElement.dataset.found = JSON.stringify(found);
});
for (const [title, address, width] of frames) {
  const frame = document.createElement("iframe");
  Object.assign(frame, { title, src: address, width, height: 600 });
  document.body.append(frame);
}
</script>"""


def _measured(addresses: dict[str, str], folder: Path) -> dict[str, tuple[int, int]]:
    """The width of each screen and of what is shown on it, by page and screen."""
    if shutil.which("chromium") is None:
        pytest.skip("Chromium is not here")
    frames = [
        (f"{name} at {width}", address, width)
        for name, address in addresses.items()
        for width in WIDTHS
    ]
    page = folder / "screens.html"
    page.write_text(SCRIPT.replace("FRAMES", json.dumps(frames)), encoding="utf-8")
    done = subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
            *("--allow-file-access-from-files", "--virtual-time-budget=20000"),
            *(f"--user-data-dir={folder / 'profile'}", page.as_uri()),
        ],
        capture_output=True,
        timeout=300,
        check=True,
    )
    found = re.search(r'<html[^>]* data-found="([^"]*)"', done.stdout.decode())
    assert found is not None, "the pages were never laid out"
    return dict(json.loads(unescape(found[1])))


@pytest.mark.judge
def test_no_page_is_wider_than_the_screen(tmp_path: Path) -> None:
    entries = [
        prepared(f"ada/{name}", f"<div>{body}</div>", title=f"{name} {DIGEST}")
        for name, body in BODIES.items()
    ]
    book = make_book(entry_set(entries), tmp_path, FewImages({PHOTO: png((3000, 40))}))
    unpacked = tmp_path / "book"
    shutil.unpack_archive(book.path, unpacked, "zip")
    pages = {name: (unpacked / "EPUB" / name).as_uri() for name, _ in book.pages()}
    measured = _measured(pages, tmp_path)
    assert len(measured) == len(pages) * len(WIDTHS) > 2 * len(BODIES)
    assert {name: wide for name, wide in measured.items() if wide[1] > wide[0]} == {}


def test_a_table_that_nobody_could_read_broken_is_scrolled(tmp_path: Path) -> None:
    entries = [prepared(f"ada/{name}", f"<div>{body}</div>") for name, body in BODIES.items()]
    book = make_book(entry_set(entries), tmp_path)
    scrolled = {
        name: each.get("tabindex")
        for name, page in book.pages()
        for each in page.iter("{*}div")
        if each.get("class") == "wide"
    }
    assert sorted(scrolled) == [f"ada.table-{columns}.xhtml" for columns in (200, 27, 9)]
    assert set(scrolled.values()) == {"0"}
