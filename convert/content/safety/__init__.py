"""What may stand in a prepared body, and the last step that sees to it."""
