"""The nouns of the diary: frozen dataclasses of the standard library only; no I/O."""
