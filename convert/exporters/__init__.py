"""One folder or file a format, found by entry point; ``outline`` has what publications share."""
