"""Lines of text in drawings: SVG breaks none."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

LETTER = 0.46
"""The width of a letter in its height, on average; of an ideograph it is 1."""


@dataclasses.dataclass(frozen=True)
class Run:
    """Words of one look: their attributes of SVG."""

    text: str
    look: tuple[tuple[str, str], ...]


def wrapped(line: list[Run], letters: float) -> Iterator[list[Run]]:
    """Yield a line as lines of about so many letters, broken between words."""
    now: list[Run] = []
    long = 0.0
    for run in line:
        for word in re.findall(r"\s*\S+\s*$|\s*\S+|\s+", run.text):
            width = sum(1.0 if each < "\u2e80" else 1 / LETTER for each in word.strip())
            if now and long + width > letters and word.strip():
                yield now
                now, long, word = [], 0.0, word.lstrip()  # noqa: PLW2901
            if now and now[-1].look == run.look:
                now[-1] = Run(now[-1].text + word, run.look)
            else:
                now.append(Run(word, run.look))
            long += width + (word != word.strip())
    if now:
        yield now


def trimmed(line: list[Run]) -> list[Run]:
    """Return a line without the blanks at its ends; nothing where it has no words."""
    if not "".join(each.text for each in line).strip():
        return []
    while not line[0].text.strip():
        line = line[1:]
    while not line[-1].text.strip():
        line = line[:-1]
    first, last = line[0], line[-1]
    if first is last:
        return [Run(first.text.strip(), first.look)]
    return [Run(first.text.lstrip(), first.look), *line[1:-1], Run(last.text.rstrip(), last.look)]
