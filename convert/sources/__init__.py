"""One folder a kind of input, found by entry point; what they share stands beside them."""
