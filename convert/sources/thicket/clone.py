"""Git repositories on the web: a bare copy of each in the cache, brought up to date."""

from __future__ import annotations

import base64
import datetime as dt
import errno
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from convert.contract import SourceContext
from convert.errors import FetchError, NotASource, Refused, SourceError
from convert.model import Problem
from convert.sources import clean
from convert.sources.thicket import seal
from convert.sources.thicket.fetch import Fetch, fetch
from convert.text import stale
from convert.text.late import Late

if TYPE_CHECKING:
    import httpx
    import pygit2
else:
    httpx = Late("httpx")
    pygit2 = Late("pygit2")

# What a disk says that takes nothing, in the words of the system (libgit2 gives no numbers).
_NO_ROOM = tuple(
    os.strerror(fault)
    for name in ("EACCES", "EDQUOT", "EEXIST", "EIO", "ENOSPC", "ENOTDIR", "EROFS")
    if (fault := getattr(errno, name, None))
)
_INFO = "/info/refs?service=git-upload-pack"


def copy_of(address: str, context: SourceContext) -> Path:
    """Return a bare repository that holds the branches and tags of the one at ``address``.

    Where it cannot be had now, that is the copy that was fetched before, with a warning.
    Only https: libgit2 passes the guarded proxy by elsewhere.  Raises NotASource where the
    address is none of Git's, SourceError where nothing can be had.
    """
    address = address.removeprefix("git+")
    shown = clean.without_credentials(address)
    if not shown.startswith("https://"):
        raise NotASource(shown, "cannot be cloned; name its https address, or a clone of it")
    if context.cache is None:
        raise SourceError(shown, "cannot be cloned without a cache folder")
    try:
        folders = _folders(context.cache, shown, context.fetcher.identity(address))
    except FetchError as error:
        raise SourceError(shown, error.reason) from error
    for folder in folders:
        seal.set_aside_if_broken(folder)
    reason = "" if context.offline else _failure(address, folders[0], context)
    if context.private is not None and any(each in reason for each in _NO_ROOM):
        # As with all that is remembered: what the cache does not take is of this run only.
        warning = f"{folders[0].parent} cannot be written ({reason}); see --cache"
        context.warn(Problem(path=str(context.cache), field="cache", reason=warning))
        folders.insert(0, context.private / "git-2" / folders[0].name)
        reason = _failure(address, folders[0], context)
    copy = next((folder for folder in folders if folder.exists()), None)
    if copy is None:
        offline = "is not in the cache, and the run is offline"
        raise SourceError(shown, f"cannot be cloned: {reason}" if reason else offline)
    if reason:
        fetched = dt.datetime.fromtimestamp(copy.stat().st_mtime, dt.UTC)
        used = "the copy that was fetched before"
        context.warn(stale.stand_in(shown, reason, used, fetched, context.max_stale))
    return copy


def _failure(address: str, folder: Path, context: SourceContext) -> str:
    """Bring the copy in ``folder`` up to date; return why that failed, "" where it did not.

    Raises SourceError where the host refuses these credentials: no copy may stand in.
    """
    try:
        _bring(address, folder, context)
    except Refused as error:
        raise SourceError(error.address, f"cannot be cloned: {error.reason}") from error
    except FetchError as error:
        return error.reason
    except (pygit2.GitError, OSError, ValueError) as error:
        return clean.line(str(error))
    return ""


def _folders(cache: Path, shown: str, identity: str) -> list[Path]:
    """Return where copies of an address are: that of these credentials and then the public.

    What was fetched with credentials is not for who comes without, or with others.
    """
    names = [f"{shown}\n{identity}", shown] if identity else [shown]
    digests = [hashlib.sha256(name.encode()).hexdigest()[:32] for name in names]
    return [cache / "git-2" / f"{digest}.git" for digest in digests]


def _bring(address: str, folder: Path, context: SourceContext) -> None:
    """Make the copy, or bring it up to date.  Raises FetchError, or what Git raises."""
    # Follows the redirects: libgit2 cannot follow one to another host through a proxy.
    answer = context.fetcher.get(address.rstrip("/") + _INFO)
    if answer.failure:
        raise FetchError(address, answer.failure)
    if "git-upload-pack-advertisement" not in answer.media_type:
        raise FetchError(address, "the host knows no Git repository there")
    final = answer.address.removesuffix(_INFO)
    if not final.startswith("https://"):
        raise FetchError(address, "redirects away from https")
    head = re.search(rb"[ \0]symref=HEAD:(refs/heads/[!-~]+)", answer.content[:65_536])
    order = Fetch(
        folder=str(folder),
        address=final,
        secret=_secret(address, final, context),
        head=head[1].decode() if head else "",
    )
    if folder.exists():
        _fetch(order, context)
        seal.write(folder)
        return
    # Private repositories are among them.
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # What is half fetched is never taken for a copy.
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as private:
        new = Path(private) / "copy"
        repository = pygit2.init_repository(str(new), bare=True)
        repository.remotes.create("origin", clean.without_credentials(address))
        _fetch(replace(order, folder=str(new)), context)
        seal.write(new)
        if not folder.exists():  # another run may have been quicker
            new.rename(folder)


def _fetch(order: Fetch, context: SourceContext) -> None:
    try:
        with context.fetcher.proxy() as proxy:
            fetch(replace(order, proxy=proxy))
    except FetchError as error:
        # Git itself has no such limits.
        reason = f"{error.reason}; clone it with Git and name the folder"
        raise FetchError(order.address, reason) from error


def _secret(address: str, final: str, context: SourceContext) -> tuple[str, str] | None:
    """Return the user name and password for Git; whoever the host redirects to gets none."""
    first, last = httpx.URL(address), httpx.URL(final)
    same = (first.host, first.port) == (last.host, last.port)
    secret = context.fetcher.authorization(address) if same else None
    if secret is None or not secret.startswith("Basic "):
        return None
    user, _, password = base64.b64decode(secret[6:]).decode().partition(":")
    return user, password
