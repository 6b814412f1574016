"""The program's door: the network is closed before anything else is imported, then the command line runs.

Nothing but `policies` may be imported above `close_network()`; a test starts this module and looks.
"""

from __future__ import annotations

import sys

from policies.enforcement import PolicyError, close_network


def main() -> int:
    """Run the command line; the exit status is 0 (done), 1 (refused or failed) or 2 (usage)."""
    try:
        close_network()
    except PolicyError as error:
        sys.stderr.write(f"diary: {error}\n")
        return 1
    try:
        from diary.cli.main import run  # only after the network is closed
    except KeyboardInterrupt:
        sys.stderr.write("diary: Stopped before anything was opened.\n")
        return 1
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
