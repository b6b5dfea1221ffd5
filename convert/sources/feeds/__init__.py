"""Feeds and folders of feeds: Atom, RSS, JSON Feed, WordPress exports."""
