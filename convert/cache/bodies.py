"""The prepared entries of a run, and what is remembered of those of earlier runs.

What is remembered only saves work: nothing of it is needed, and its faults are one warning.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial

from convert.cache.folder import WAY_OUT, CacheFolder
from convert.cache.prepared import PreparedStore
from convert.errors import CacheError
from convert.model import Prepared


class PreparedBodies:
    """The prepared entries of a run; satisfies ``convert.entryset.Bodies``.

    They lie in the private folder, so that nothing that befalls the lasting one touches them,
    and are remembered in the lasting one; where only one of the two takes them, there.
    """

    def __init__(self, cache: CacheFolder) -> None:
        self._cache = cache
        self._own, self._remembered = (
            None if folder is None else PreparedStore(folder)
            for folder in (cache.private, cache.lasting)
        )
        self._own_takes = self._own is not None

    def __reduce__(self) -> tuple[Callable[[], PreparedBodies], tuple[()]]:
        return partial(PreparedBodies, self._cache), ()

    def known(self, digests: Collection[str]) -> set[str]:
        """Return which of these an earlier run, or this one, prepared."""
        if self._remembered is not None:
            try:
                return self._remembered.known(digests)
            except CacheError as error:
                self._forgo(error)
        return set()

    def recall(self, digests: Iterable[str]) -> dict[str, Prepared]:
        """Return those of these that are remembered and whole, and take them into this run."""
        recalled: dict[str, Prepared] = {}
        try:
            for digest in digests:
                prepared = self._remembered.find(digest) if self._remembered else None
                if prepared is not None:
                    recalled[digest] = prepared
        except CacheError as error:
            self._forgo(error)
        self._take(recalled)
        return recalled

    def put(self, items: Mapping[str, Prepared]) -> None:
        """Keep what was prepared.  Raises CacheError where no folder takes it."""
        if self._remembered is not None:
            try:
                self._remembered.put(items.items())
            except CacheError as error:
                self._forgo(error)
        self._take(items)

    def load(self, digests: Iterable[str]) -> Iterator[Prepared]:
        """Yield the prepared entries of these digests, in that order, one at a time.

        Raises CacheError where one has gone.
        """
        stores = [store for store in (self._own, self._remembered) if store is not None]
        for digest in digests:
            prepared = None
            for store in stores:
                if prepared is None:
                    with contextlib.suppress(CacheError):
                        prepared = store.find(digest)
            if prepared is None:
                reason = "a prepared entry has gone from it; run again to prepare it anew"
                raise CacheError(self._cache.places[0], reason)
            yield prepared

    def trim(self) -> None:
        """Keep what is remembered within its bound."""
        if self._remembered is not None:
            try:
                self._remembered.trim()
            except CacheError as error:
                self._forgo(error)

    def close(self) -> None:
        """Close this process's connections."""
        for store in (self._own, self._remembered):
            if store is not None:
                store.close()

    def _forgo(self, error: CacheError) -> None:
        """Go on without what is remembered; raise CacheError where nothing else takes more."""
        if not self._own_takes:
            raise error
        reason = error.reason.removesuffix(f"; {WAY_OUT}")
        self._cache.failed(f"{error.path.name} cannot be used ({reason})")
        self._remembered = None

    def _take(self, items: Mapping[str, Prepared]) -> None:
        if self._own is None or not self._own_takes:
            return
        try:
            self._own.put(items.items())
        except CacheError:
            if self._remembered is None:
                raise
            self._own_takes = False
