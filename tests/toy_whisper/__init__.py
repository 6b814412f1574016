"""A small Whisper, really trained on a voice of its own, so that tests can demand words and not shapes."""
