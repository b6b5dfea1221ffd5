"""Libraries that most runs do not need are not loaded before they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from convert.text.late import Late

HEAVY = (
    "bs4", "feedparser", "html_to_markdown.options", "httpcore", "httpx", "jinja2", "latex2mathml",
    "pygit2", "weasyprint",
)  # fmt: skip
LOAD = """
import sys
from convert.plugins import Registry
from convert.run import driver
registry = Registry.default()
for each in registry.exporter_names():
    if each != "thicket":
        registry.exporter(each)
registry.all_sources
print(*[each for each in sys.argv[1:] if each in sys.modules])
"""


def test_what_most_runs_do_not_need_is_not_loaded() -> None:
    command = [sys.executable, "-c", LOAD, *HEAVY]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == []


def test_it_is_loaded_when_something_of_it_is_used() -> None:
    assert Late("colorsys").rgb_to_hls is sys.modules["colorsys"].rgb_to_hls
    with pytest.raises(AttributeError, match="nothing_of_it"):
        _ = Late("colorsys").nothing_of_it
    with pytest.raises(ModuleNotFoundError):
        _ = Late("no_such_module").x
