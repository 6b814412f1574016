"""Widgets: each shows one thing and posts messages nested in itself."""
