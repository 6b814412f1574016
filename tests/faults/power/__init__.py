"""The power-cut simulator.

`disk` is the model; `recording` and `calls` watch a real process; `sessions` and `commands` are what it does,
`mutations` what it does without a safeguard; `pictures` is what has to be found after; `torture` cuts and
judges.
"""
