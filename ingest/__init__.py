"""Voice and files become entries: importers, dictation. Never meets `retrieval`; the vault satisfies its
ports.
"""
