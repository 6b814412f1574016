"""Questions that observations answer: what is asked for, worked out by code; pure but for reading them.

Rooms: `metrics` (which observations), `amounts` and `conditions` (how much), `functions` (what to compute),
`selections` (from when), `reading` (the whole question), `computing` (the numbers), `quoting` (the rows).
"""
