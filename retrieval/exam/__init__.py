"""The built-in exam: whether a language model may be trusted to write a summary."""
