"""A private journal and health notebook in the terminal, on a machine that may never touch a network."""

__version__ = "0.1.0"
