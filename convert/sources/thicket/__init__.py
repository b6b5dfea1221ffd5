"""Thicket repositories: a folder, a Git work tree, a bare repository, an address."""
