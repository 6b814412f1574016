"""Keeping models: taking them in from a disk, listing, choosing, checking and removing them."""
