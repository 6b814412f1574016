"""The power-cut simulator: `disk` is the model, `recording` watches a real process, `sessions` is what it
does, `pictures` is what has to be found after, `torture` puts them together, `mutations` is what it must
catch.
"""
