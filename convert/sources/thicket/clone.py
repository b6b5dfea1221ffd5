"""Git repositories on the web: a bare copy of each in the cache, brought up to date."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import os
import re
import tempfile
import time
from pathlib import Path

import httpx
import pygit2

from convert.contract import SourceContext
from convert.errors import FetchError, NotASource, SourceError
from convert.sources import clean, stale

SECONDS = 900.0
"""What bringing a copy up to date may take in all."""
LIMIT = 4_000_000_000
"""The most bytes that are received for one repository."""
_INFO = "/info/refs?service=git-upload-pack"
_REFS = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]


def copy_of(address: str, context: SourceContext) -> Path:
    """Return a bare repository that holds the branches and tags of the one at ``address``.

    Where it cannot be had now, that is the copy that was fetched before, with a warning.
    Only https: libgit2 passes the guarded proxy by elsewhere.  Raises NotASource where the
    address is none of Git's, SourceError where nothing can be had.
    """
    shown = clean.without_credentials(address).removeprefix("git+")
    if not shown.startswith("https://"):
        raise NotASource(shown, "cannot be cloned; name its https address, or a clone of it")
    if context.cache is None:
        raise SourceError(shown, "cannot be cloned without a cache folder")
    folder = context.cache / "git-1" / f"{hashlib.sha256(shown.encode()).hexdigest()[:32]}.git"
    if context.offline:
        if not folder.exists():
            raise SourceError(shown, "is not in the cache, and the run is offline")
        return folder
    try:
        _bring(address.removeprefix("git+"), folder, context)
    except (FetchError, pygit2.GitError, OSError, ValueError) as error:
        reason = error.reason if isinstance(error, FetchError) else clean.line(str(error))
        if not folder.exists():
            raise SourceError(shown, f"cannot be cloned: {reason}") from error
        fetched = dt.datetime.fromtimestamp(folder.stat().st_mtime, dt.UTC)
        stale.report(shown, reason, "the copy that was fetched before", fetched, context)
    return folder


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
    if folder.exists():
        _update(pygit2.Repository(str(folder)), address, final, context)
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    # What is half fetched is never taken for a copy.
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as private:
        new = Path(private) / "copy"
        repository = pygit2.init_repository(str(new), bare=True)
        repository.remotes.create("origin", clean.without_credentials(address))
        _update(repository, address, final, context)
        if not folder.exists():  # another run may have been quicker
            new.rename(folder)


def _update(
    repository: pygit2.Repository, address: str, final: str, context: SourceContext
) -> None:
    # Without a name, so that the copy's configuration never holds where a redirect led.
    remote = repository.remotes.create_anonymous(final)
    calls = _Calls()
    secret = context.fetcher.authorization(address)
    # Whoever the host redirects to is told nothing.
    here = httpx.URL(address).host == httpx.URL(final).host
    if secret is not None and secret.startswith("Basic ") and here:
        user, _, password = base64.b64decode(secret[6:]).decode().partition(":")
        calls.secret = (user, password)
    with context.fetcher.proxy() as proxy:
        heads = remote.list_heads(callbacks=calls, proxy=proxy)
        remote.fetch(_REFS, callbacks=calls, proxy=proxy, prune=pygit2.enums.FetchPrune.PRUNE)
    # libgit2 fetches branches and tags; which of them is HEAD only the list of heads says.
    target = next((each.symref_target for each in heads if each.name == "HEAD"), None)
    if target and re.fullmatch(r"refs/heads/\S+", target):
        repository.set_head(target)
    os.utime(repository.path)  # when it was last as its host has it


class _Calls(pygit2.RemoteCallbacks):
    """Answers libgit2: who is asking, and when it is enough."""

    secret: tuple[str, str] | None = None
    """User name and password."""

    def __init__(self) -> None:
        super().__init__()
        self._until = time.monotonic() + SECONDS

    def credentials(
        self, url: str, username_from_url: str | None, allowed_types: object
    ) -> pygit2.UserPass:
        if self.secret is None:
            raise ValueError("asks for credentials; set THICKET_CONVERT_CREDENTIALS")
        # Refused once, it would be refused for ever.
        secret, self.secret = self.secret, None
        return pygit2.UserPass(*secret)

    def transfer_progress(self, stats: pygit2.remotes.TransferProgress) -> None:
        if stats.received_bytes > LIMIT:
            raise ValueError(f"sends more than {LIMIT:,} bytes")
        if time.monotonic() > self._until:
            raise ValueError(f"takes longer than {SECONDS:.0f} seconds")
