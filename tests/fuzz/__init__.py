"""Hostile input: every reader of bytes from outside, given a million broken ones."""
