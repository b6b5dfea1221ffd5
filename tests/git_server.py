"""A real Git server over https on loopback."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pygit2
from server import Answer, Asked, reply

INFO = "/info/refs?service=git-upload-pack"


def git_backend(folder: Path) -> Answer:
    """Git's own server of repositories over HTTP, as a CGI program (RFC 3875)."""

    def answer(asked: Asked) -> None:
        path, _, query = asked.path.partition("?")
        length = asked.headers.get("Content-Length", "0")
        done = subprocess.run(
            ["git", "http-backend"],
            input=asked.rfile.read(int(length)),
            capture_output=True,
            check=True,
            env={
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": asked.command,
                "CONTENT_TYPE": asked.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": length,
            },
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        kind = head.partition(b"Content-Type: ")[2].partition(b"\r\n")[0].decode()
        reply(body, kind)(asked)

    return answer


def repository(folder: Path) -> pygit2.Repository:
    """An empty bare repository whose branch is not called as Git would."""
    return pygit2.init_repository(str(folder), bare=True, initial_head="trunk")


def commit(made: pygit2.Repository, files: dict[str, bytes], message: str = "More") -> str:
    """A commit of these files ("folder/name" or "name") and no others; its id."""
    folders: dict[str, dict[str, bytes]] = {}
    for path, content in files.items():
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, {})[name] = content
    top = made.TreeBuilder()
    for folder, inside in folders.items():
        builder = made.TreeBuilder() if folder else top
        for name, content in inside.items():
            builder.insert(name, made.create_blob(content), pygit2.enums.FileMode.BLOB)
        if folder:
            top.insert(folder, builder.write(), pygit2.enums.FileMode.TREE)
    who = pygit2.Signature("Ann", "ann@example.org", 1_700_000_000, 0)
    parents = [] if made.head_is_unborn else [made.head.target]
    return str(made.create_commit("HEAD", who, who, message, top.write(), parents))
