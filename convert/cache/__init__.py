"""What is remembered between runs: prepared entries, files, stored texts; safe to delete."""
