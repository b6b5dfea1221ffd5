"""From what a source stored to a tree: the text is chosen, cleaned and parsed."""
