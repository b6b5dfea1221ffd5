"""A fetch by libgit2 in a process of its own, which has only so much memory and time.

libgit2 (1.9) keeps in memory what a host sends, references without end or a line that unpacks
to gigabytes, and asks nobody before it does.  So it works where that ends nothing but itself.
"""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec
import pygit2

from convert.errors import FetchError
from convert.model import Value

SECONDS = 900
"""What a fetch may take in all."""
MEMORY = 320_000_000
"""The most bytes of memory that libgit2 has, where the system (Linux) keeps to that."""
MOST_REFERENCES = 20_000
"""The most branches and tags: each is a file."""
_REFS = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]


class Fetch(Value, frozen=True, kw_only=True):
    """What is fetched: branches and tags of ``address`` into the bare repository ``folder``,
    which becomes the host's copy.

    ``proxy`` is the only way out; ``secret`` holds the user name and password that the
    host may ask for; ``head`` is the branch that the host has as HEAD, "" where it has none.
    """

    folder: str
    address: str
    proxy: str = ""
    secret: tuple[str, str] | None = None
    head: str = ""


def fetch(order: Fetch) -> None:
    """Fetch in another process.  Raises FetchError."""
    # What leads here leads there: the package need not be installed.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(  # noqa: S603 - this module
            [sys.executable, "-P", "-m", __name__],
            # Not among the arguments, which every user of the machine can read.
            input=msgspec.json.encode(order),
            capture_output=True,
            env=environment,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        reason = f"takes longer than {SECONDS} seconds"
        raise FetchError(order.address, reason) from error
    if done.returncode != 0:
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        raise FetchError(order.address, lines[-1] if lines else "Git ended in the middle")


def fetch_here(order: Fetch) -> None:
    """Fetch in this process.  Raises what Git raises."""
    # The user's own configuration may lead past the proxy (url.*.insteadOf, http.sslVerify).
    for level in (
        pygit2.enums.ConfigLevel.PROGRAMDATA,
        pygit2.enums.ConfigLevel.SYSTEM,
        pygit2.enums.ConfigLevel.XDG,
        pygit2.enums.ConfigLevel.GLOBAL,
    ):
        pygit2.settings.search_path[level] = ""
    pygit2.settings.owner_validation = False  # the cache is ours, whoever has the folder above
    pygit2.settings.mwindow_size = 16_000_000
    pygit2.settings.mwindow_mapped_limit = 64_000_000
    repository = pygit2.Repository(order.folder)
    # Without a name, so that the copy's configuration never holds where a redirect led.
    remote = repository.remotes.create_anonymous(order.address)
    remote.fetch(
        _REFS,
        callbacks=_Calls(order.secret),
        proxy=order.proxy,
        prune=pygit2.enums.FetchPrune.PRUNE,
    )
    # libgit2 fetches branches and tags; which of them is HEAD the host said before.
    if order.head:
        repository.set_head(order.head)
    os.utime(order.folder)  # when it was last as its host has it


class _Calls(pygit2.RemoteCallbacks):
    """Answers libgit2: who is asking, and when it is enough."""

    def __init__(self, secret: tuple[str, str] | None) -> None:
        super().__init__()
        self._secret = secret
        self._references = 0

    def credentials(
        self, url: str, username_from_url: str | None, allowed_types: object
    ) -> pygit2.UserPass:
        if self._secret is None:
            raise ValueError("asks for credentials; set THICKET_CONVERT_CREDENTIALS")
        # Refused once, it would be refused for ever.
        secret, self._secret = self._secret, None
        return pygit2.UserPass(*secret)

    def update_tips(self, refname: str, old: pygit2.Oid, new: pygit2.Oid) -> None:
        self._references += 1
        if self._references > MOST_REFERENCES:
            raise ValueError(f"has more than {MOST_REFERENCES:,} branches and tags")


def bound_process() -> None:
    """Let this process have no more than it may: also when nobody waits for it any more."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    for limit, most in ((resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        hard = resource.getrlimit(limit)[1]
        if hard == resource.RLIM_INFINITY or hard > most:
            resource.setrlimit(limit, (most, most))


def main() -> int:
    """Fetch what standard input orders; return the exit code, the reason printed."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Fetch)
    bound_process()
    try:
        fetch_here(order)
    except (pygit2.GitError, OSError, ValueError, KeyError, MemoryError) as error:
        text = " ".join(str(error).split())
        if isinstance(error, MemoryError) or "out of memory" in text.lower():
            text = f"sends what takes more than {MEMORY // 1_000_000} MB of memory"
        sys.stdout.write(text)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
