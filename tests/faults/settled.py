"""Preloaded last into the server that forks the processes: what it holds stays shared with all of them, and
is not copied page by page as the collector of each goes through it. They live for a moment, and need none.
"""

import gc

gc.collect()
gc.freeze()
gc.disable()
