"""The former place of ``convert.plugins``; importable for one version more."""

from convert.plugins import Registry

__all__ = ["Registry"]
