"""The picture of how time and memory grow."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from measuring import Measured

mpl.use("agg")
from matplotlib import pyplot as plt


def scale(found: list[tuple[int, Measured]], target: Path) -> None:
    """Seconds and memory against the number of entries, both axes logarithmic."""
    if not found:
        return
    sizes = [size for size, _ in found]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    left.loglog(sizes, [run.seconds for _, run in found], "o-")
    right.loglog(sizes, [run.together / 1e6 for _, run in found], "o-")
    for axis, title in ((left, "seconds"), (right, "MB, all processes together")):
        axis.set_title(title)
        axis.set_xlabel("entries, to Atom and Markdown in one run")
        axis.grid(visible=True, which="both", alpha=0.3)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=110, metadata={"Software": None})
