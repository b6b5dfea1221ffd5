"""Rendered pages as Chromium opens them: what runs, calls or loads is noted."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from html import unescape
from pathlib import Path

from engines import tool

_HEAD = """<!doctype html><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';
 img-src http: https: file:; style-src 'unsafe-inline'; script-src 'nonce-judge'">
<script nonce="judge">
const seen = [];
document.addEventListener("securitypolicyviolation", (event) =>
  seen.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
for (const name of ["alert", "confirm", "prompt", "print", "open", "fetch"])
  window[name] = () => seen.push(name);
addEventListener("load", () => {
  addEventListener("click", (event) => {
    const link = event.target.closest("a, area");
    if (!link || !/^(javascript|data|blob):/.test(link.href)) event.preventDefault();
  }, true);
  for (const each of document.body.querySelectorAll("*")) {
    each.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
    each.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  }
  setTimeout(() => { document.documentElement.dataset.seen = JSON.stringify(seen); }, 300);
});
</script>
"""


def opened(pages: Sequence[str], folder: Path) -> list[str]:
    """What the pages do, some hundred at a time, one below the other."""
    return [
        each for at in range(0, len(pages), 500) for each in _opened(pages[at : at + 500], folder)
    ]


def _opened(pages: Sequence[str], folder: Path) -> list[str]:
    bodies = [re.sub(r"(?is)^.*?<body[^>]*>|</body>.*$", "", page) for page in pages]
    file = folder / "page.html"
    file.write_text(_HEAD + "<body>" + "\n".join(bodies), encoding="utf-8")
    done = subprocess.run(
        [
            *(tool("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
            *("--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=20000"),
            *(f"--user-data-dir={folder / 'profile'}", file.as_uri()),
        ],
        capture_output=True,
        timeout=300,
        check=True,
    )
    seen = re.search(r'<html[^>]* data-seen="([^"]*)"', done.stdout.decode())
    assert seen is not None, "the page never came to its end"
    return list(json.loads(unescape(seen[1])))
