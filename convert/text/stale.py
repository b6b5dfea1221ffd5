"""What is said where an older copy stands in for a source that fails."""

from __future__ import annotations

import datetime as dt
import hashlib

from convert.model import Problem, Severity
from convert.text import dates


def stand_in(
    path: str,
    failure: str,
    copy: str,
    answered: dt.datetime | None,
    max_stale: dt.timedelta | None,
    *,
    newest: dt.datetime | None = None,
) -> Problem:
    """Return the report that a copy stands in: a warning, or an entry problem past ``max_stale``.

    ``failure`` is why the source gave nothing, ``copy`` what is used instead ("the copy in the
    cache"), ``answered`` when the source last gave it, None where nobody knows; then it is judged
    by its ``newest`` entry.
    """
    last = answered or newest
    if last is None:
        age, too_old = "when the source last answered is not known", False
    else:
        # SOURCE_DATE_EPOCH often lies in the past, and no copy is younger for it.
        passed = max(dates.now(), dt.datetime.now(dt.UTC)) - last
        days = "1 day" if passed.days == 1 else f"{passed.days} days"
        since = days if passed.days >= 1 else "less than a day"
        age = f"the source last answered on {last.date()}, {since} ago"
        if answered is None:
            age = "when the source last answered is not known, its newest entry is of"
            age += f" {last.date()}, {since} ago"
        too_old = max_stale is not None and passed > max_stale
    reason = f"{failure}; {copy} is used: {age}"
    if too_old and max_stale is not None:
        reason += f", longer than max_stale = {max_stale.days}d allows"
    severity: Severity = "entry" if too_old else "warning"
    return Problem(path=path, reason=reason, severity=severity, of_source=True)


def note(seconds: int) -> int:
    """Return the date, in nanoseconds, of a folder that notes by it when a feed answered: what is
    copied, cloned or touched has another."""
    digest = hashlib.sha256(str(seconds).encode()).digest()
    # Some file systems count in hundreds of nanoseconds.
    return seconds * 10**9 + int.from_bytes(digest[:4]) % 10**7 * 100


def noted(nanoseconds: int) -> dt.datetime | None:
    """Return the moment that the date of a folder notes; None where it is any other date."""
    seconds = nanoseconds // 10**9
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if note(seconds) == nanoseconds else None
