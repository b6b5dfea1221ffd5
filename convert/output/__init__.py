"""The only writer: staging, publishing, the record of what was written, one run at a time."""
