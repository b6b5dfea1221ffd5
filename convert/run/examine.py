"""Pictures examined over the cores: a decoder that crashes, hangs or takes the memory costs the
picture, by name, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial

from convert.cache.folder import CacheFolder
from convert.model import Problem
from convert.pictures.collect import Examined, examined
from convert.run.chunks import Chunks
from convert.run.limit import memory
from convert.run.pool import Pool, WorkerLost

SECONDS = 20.0
"""How long one picture may take to be decoded."""
MEMORY = 1_000_000_000
"""The most bytes of memory that a worker may take for pictures, where the system (Linux) keeps
to that; one of the most pixels takes 200 MB decoded, and AVIF's decoder twice that."""
_CHUNK = 8


def examine_all(
    cache: CacheFolder,
    digests: Sequence[str],
    *,
    workers: int,
    warn: Callable[[Problem], None],
) -> list[Examined]:
    """Return of each digest what its picture, whose bytes are in the cache, is good for.

    ``workers`` is the number of worker processes; 0 works in this one, without a limit of
    memory, which would be that of all who work in it.
    """
    with Pool(min(workers, len(digests)), warn=warn) as pool:
        work = Chunks(
            pool=pool,
            work=partial(_examine, cache=cache, bounded=workers > 0),
            lost=_lost,
            size=_CHUNK,
            seconds=SECONDS,
        )
        return [each for wait in work.begin(digests) for several in wait() for each in several]


def _examine(digests: Sequence[str], cache: CacheFolder, bounded: bool) -> list[Examined]:
    with memory(MEMORY) if bounded else nullcontext():
        return [examined(cache, digest) for digest in digests]


def _lost(_: str, worker: WorkerLost) -> list[Examined]:
    """Return the verdict on a picture whose worker was lost with it."""
    late = f"took more than {SECONDS:g} seconds to decode"
    reason = late if worker.late else f"ended the process that decoded it ({worker.ending})"
    # Another version of the decoder, or more memory, may do better.
    return [Examined(reason=reason, passing=True)]
