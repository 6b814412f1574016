"""Screens: each composes, binds and delegates; its style sheet stands beside it."""
