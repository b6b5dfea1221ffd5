"""The picture of how time and memory grow."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from measuring import Measured

mpl.use("agg")
from matplotlib import pyplot as plt


def scale(found: list[tuple[int, Measured, Measured]], target: Path) -> None:
    """Seconds and memory against the number of entries, both axes logarithmic."""
    if not found:
        return
    sizes = [size for size, _, _ in found]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for at, name in ((1, "Atom"), (2, "Markdown")):
        runs: list[Measured] = [row[at] for row in found]  # type: ignore[misc]
        left.loglog(sizes, [run.seconds for run in runs], "o-", label=name)
        right.loglog(sizes, [run.together / 1e6 for run in runs], "o-", label=name)
    for axis, title in ((left, "seconds"), (right, "MB, all processes")):
        axis.set_title(title)
        axis.set_xlabel("entries")
        axis.grid(visible=True, which="both", alpha=0.3)
        axis.legend()
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=110, metadata={"Software": None})
