"""An engine process: `python -I -m diary.engine ROOMS SERVICE PATH…`, frames on standard input and output.

ROOMS are the packages, with commas between, that services may come from.

The network is closed before anything else is imported; then the files are narrowed to the paths of the
model; only then the service's module, with the library it needs, is imported.
"""

from policies.enforcement import PolicyError, close_network

close_network()

import sys  # noqa: E402  the wall comes first
from pathlib import Path  # noqa: E402

from diary.engine.host import Host, private_pipes, run  # noqa: E402
from diary.engine.messages import Failed, FailureCode  # noqa: E402
from policies.enforcement import enforce  # noqa: E402
from policies.policy import engine_policy  # noqa: E402


def main() -> None:
    """Seal, load, serve."""
    host = Host(*private_pipes())
    paths = [Path(name) for name in sys.argv[3:]]
    try:
        enforce(engine_policy(read=paths))
    except PolicyError:
        host.send(0, Failed(FailureCode.SEAL_REFUSED))
        sys.exit(1)
    run(host, sys.argv[2], paths, sys.argv[1].split(","))


if __name__ == "__main__":
    main()
