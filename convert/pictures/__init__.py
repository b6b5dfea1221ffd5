"""Originals of pictures for a run, and the renditions that formats ask for."""
