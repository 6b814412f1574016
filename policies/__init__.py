"""The wall: what this process and all it starts may touch, laid by the kernel before anything else is
imported.

`enforcement.close_network()` is the first statement of every process, `enforcement.enforce(policy)` the
second; `report.check(enforced)` tries every way out. Nothing here imports the rest of the diary.
"""

from policies.errors import PolicyError

__all__ = ["PolicyError"]
