"""Files that lend information to entries: what they gave before stands in for what is damaged."""

from __future__ import annotations

import msgspec

from convert.contract import SourceContext
from convert.copied import SourceHead
from convert.model import Problem
from convert.text import stale


class LentFile:
    """A file of a repository, ``path``, that holds an object under ``key``; ``loss`` says what
    entries lack without it.

    What is wrong with it is noted first (``note``; of one member of the object with a field)
    and reported by ``before``, once it is known what stands in.
    """

    def __init__(
        self, path: str, key: str, repository: str, context: SourceContext, *, loss: str
    ) -> None:
        self.path = path
        self.key = key
        self.address = f"{repository}/{path}"
        self._repository = repository
        self.faults: list[Problem] = []
        self.missed = False
        """True where it was there before and is no more."""
        self.lost = False
        """True where nothing stands in for what is damaged."""
        self._context = context
        self._loss = loss

    def note(self, problem: Problem) -> None:
        """Take one thing that is wrong with it."""
        self.faults.append(problem)

    def is_faulty(self, member: str) -> bool:
        """Return whether what the file says of one member of the object cannot be understood."""
        fields = {each.field.removeprefix(f"{self.key}.") for each in self.faults}
        return bool(fields & {"", self.key, member})

    def is_missed(self) -> bool:
        """Return whether it is a fault that there is no such file: where there was one.  What a
        revision lacks it always lacked."""
        if self._context.rev is None:
            known = self._context.known(self.address) is not None
            self.missed = known or self._context.held(self._repository, self.path)
        if self.missed:
            reason = "is missing (an empty one, {}, says that this is meant)"
            self.note(Problem(path=self.path, reason=reason))
        return self.missed

    def before(self) -> SourceHead | None:
        """Return what it gave when it was last whole, where anything is wrong with it; report
        what is.  None where nothing is, or nothing is known."""
        if not self.faults:
            return None
        copy = self._context.known(self.address)
        if copy is None:
            for each in self.faults:
                problem = each
                if each.field in {"", self.key}:
                    self.lost = True
                    problem = msgspec.structs.replace(
                        each, reason=f"{each.reason}; {self._loss}", of_source=True
                    )
                self._context.warn(problem)
            return None
        first, more = self.faults[0], len(self.faults) - 1
        reason = first.reason.removeprefix("ignored: ")
        failure = f"{first.field}: {reason}" if first.field else reason
        failure += f" (and {more} more)" if more else ""
        before, most = "what it gave before", self._context.max_stale
        self._context.warn(stale.stand_in(self.path, failure, before, copy.answered, most))
        return copy.head
