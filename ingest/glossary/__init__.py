"""What the person's own words do for speech; pure functions over `diary.model.glossary.Term`.

Rooms: `replacing` (what is written instead of what is heard), `doubts` (what sounds like a medicine of the
person's and is none), `hints` (what is worth listening for), `proposals` (names that the diary holds
already), `dictionary` (ordinary English words).

Only `replacing` changes words, and only where the person set down exactly what stands for what. Not here:
where terms are kept (`diary.vault.glossary`), and search by their other names (`retrieval.other_names`).
"""
