"""Films, players and widgets of other sites: each becomes a link with a marker."""

from convert.content.embeds.find import mark

__all__ = ["mark"]
