"""Films, players and widgets of other sites: each becomes a link with a marker."""

from convert.content.embeds.find import mark
from convert.content.embeds.translate import translate

__all__ = ["mark", "translate"]
