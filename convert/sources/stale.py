"""What is said where an older copy stands in for a source that fails."""

from __future__ import annotations

import datetime as dt

from convert.contract import SourceContext
from convert.model import Problem, Severity
from convert.text import dates


def report(
    path: str, failure: str, copy: str, answered: dt.datetime | None, context: SourceContext
) -> None:
    """Report that a copy stands in: a warning, or an entry problem past ``max_stale``.

    ``failure`` is why the source gave nothing, ``copy`` what is used instead ("the copy"),
    ``answered`` when the source last gave it, None where nobody knows.
    """
    if answered is None:
        age, too_old = "when the source last answered is not known", False
    else:
        # SOURCE_DATE_EPOCH often lies in the past, and no copy is younger for it.
        passed = max(dates.now(), dt.datetime.now(dt.UTC)) - answered
        age = f"the source last answered on {answered.date()}, {_days(passed)} ago"
        too_old = context.max_stale is not None and passed > context.max_stale
    reason = f"{failure}; {copy} is used: {age}"
    if too_old and context.max_stale is not None:
        reason += f", longer than max_stale = {context.max_stale.days}d allows"
    severity: Severity = "entry" if too_old else "warning"
    context.warn(Problem(path=path, reason=reason, severity=severity))


def _days(passed: dt.timedelta) -> str:
    if passed.days < 1:
        return "less than a day"
    return "1 day" if passed.days == 1 else f"{passed.days} days"
