"""Blocks in order: what may stand in what, paragraphs, lists, tables, headings."""
