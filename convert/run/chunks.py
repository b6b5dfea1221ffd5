"""Many small tasks over the workers: several at a time, as sending costs.  One that hangs or
ends its worker costs itself, and none of those that were sent with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from convert.run.pool import Pool, WorkerLost

_Part = TypeVar("_Part")
_Answer = TypeVar("_Answer")
_EACH = 1 / 8
"""What each further part adds to the time of the first: few take long."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Chunks(Generic[_Part, _Answer]):
    """Work on many parts: ``work`` takes up to ``size`` of them to one answer.

    One part may take ``seconds``; ``lost`` answers for one that gave no answer though it was
    alone.
    """

    pool: Pool
    work: Callable[[Sequence[_Part]], _Answer]
    lost: Callable[[_Part, WorkerLost], _Answer]
    size: int
    seconds: float

    def begin(self, parts: Sequence[_Part]) -> list[Callable[[], list[_Answer]]]:
        """Begin to work on these; what is returned waits for the answers, in order."""
        return [self._begin(parts[at : at + self.size]) for at in range(0, len(parts), self.size)]

    def _begin(self, chunk: Sequence[_Part]) -> Callable[[], list[_Answer]]:
        seconds = self.seconds * (1 + (len(chunk) - 1) * _EACH)
        wait = self.pool.submit(partial(self.work, chunk), seconds=seconds)

        def answers() -> list[_Answer]:
            try:
                return [wait()]
            except WorkerLost as error:
                if len(chunk) == 1:
                    return [self.lost(chunk[0], error)]
                # One of them is the culprit: each alone tells which.
                alone = [self._begin([part]) for part in chunk]
                return [answer for each in alone for answer in each()]

        return answers
