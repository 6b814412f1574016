"""Entries become answers: passages, search, quotes, checked summaries. Never meets `ingest`."""
