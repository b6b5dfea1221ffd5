"""Surgery on trees that prepared bodies and their views share."""
