"""A recorder with miniaudio's own sound card: silence in real time. `python -m tests.unit.recorder.null`"""

from diary.recorder.__main__ import main

main(("NULL",))
