"""Reviews: what the notes of a period say, by code, each point with its quotes.

Rooms: `reviewer` (range → Review), `periods` ("week", "last month" → range), `happenings` (what happened),
`figures` (moods and numbers against the period before). Recurring themes: `retrieval.themes`.
"""
