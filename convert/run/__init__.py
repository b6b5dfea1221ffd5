"""One run: the job along the one way, from opened sources to published files."""
