"""The command line: arguments to one session call each, and words for what came back."""
