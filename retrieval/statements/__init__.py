"""What a sentence states about doing: something wanted, promised, arranged or in the way; pure.

Rooms: `cues` (the words that say so, one readable table), `whose` (quoted and pasted words are not the
person's own), `ahead` (times that lie ahead of the day of the note), `days_ahead` and
`elsewhere` (their rules), `clock` (times of day), `reading` (an
entry's statements), `gist` (what a sentence is about), `outcomes` (whether a later sentence shows
that something was done).

English first; the plain forms of German, Spanish and French are read too. A sentence that no cue fits states
nothing: a plan may miss something, and never makes something up.
"""
