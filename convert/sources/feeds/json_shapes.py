"""The objects of JSON Feed 1.0 and 1.1 (jsonfeed.org), and of our ``_thicket`` in them."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from convert.sources.json_fields import Words


class EmailFile(msgspec.Struct, frozen=True):
    email: str | None = None


class AuthorFile(msgspec.Struct, frozen=True, rename={"more": "_thicket"}):
    __bare__: ClassVar[str] = "name"

    name: Words | None = None
    url: str | None = None
    avatar: str | None = None
    more: EmailFile | None = None


class AttachmentFile(msgspec.Struct, frozen=True):
    __bare__: ClassVar[str] = "url"

    url: str
    mime_type: str | None = None
    title: Words | None = None
    size_in_bytes: float | None = None
    duration_in_seconds: float | None = None


class SourceFile(msgspec.Struct, frozen=True):
    """The feed that an item of a merged feed came from."""

    id: str | None = None
    title: Words | None = None
    subtitle: Words | None = None
    feed_url: str | None = None
    home_page_url: str | None = None
    rights: Words | None = None
    icon: str | None = None
    favicon: str | None = None
    language: str | None = None
    updated: Words | None = None
    authors: list[AuthorFile] | None = None


class CategoryFile(msgspec.Struct, frozen=True):
    term: Words
    scheme: str | None = None
    label: Words | None = None


class ReferenceFile(msgspec.Struct, frozen=True):
    id: Words | None = None
    url: str | None = None


class LinkFile(msgspec.Struct, frozen=True):
    rel: str
    url: str
    type: str | None = None
    language: str | None = None
    title: Words | None = None


class ExtensionFile(msgspec.Struct, frozen=True):
    """``_thicket`` of our own feeds, for what JSON Feed has no field for."""

    user: Words | None = None
    source: SourceFile | None = None
    contributors: list[AuthorFile] | None = None
    links: list[LinkFile] | None = None
    rights: Words | None = None
    categories: list[CategoryFile] | None = None
    summary_only: bool = False
    in_reply_to: list[ReferenceFile] | None = None


class ItemFile(msgspec.Struct, frozen=True, rename={"more": "_thicket"}):
    """An item; ``id`` may be a number ("must be coerced to a string")."""

    id: Words | None = None
    url: str | None = None
    external_url: str | None = None
    title: Words | None = None
    content_html: str | None = None
    content_text: Words | None = None
    summary: Words | None = None
    image: str | None = None
    banner_image: str | None = None
    date_published: Words | None = None
    date_modified: Words | None = None
    author: list[AuthorFile] | None = None
    authors: list[AuthorFile] | None = None
    tags: list[Words] | None = None
    language: str | None = None
    attachments: list[AttachmentFile] | None = None
    more: ExtensionFile | None = None


class FeedFile(msgspec.Struct, frozen=True):
    title: Words | None = None
    home_page_url: str | None = None
    feed_url: str | None = None
    description: Words | None = None
    icon: str | None = None
    favicon: str | None = None
    language: str | None = None
    author: list[AuthorFile] | None = None
    authors: list[AuthorFile] | None = None
    next_url: str | None = None
    expired: bool = False
