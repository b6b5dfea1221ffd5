"""Feeds: Atom, RSS, JSON Feed, and what they have in common."""
