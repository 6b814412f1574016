"""An engine process: `python -I -m diary.engine ROOMS SERVICE PATH…`, frames on standard input and output.

ROOMS are the packages, with commas between, that services may come from. `--accept-unsealed` before them: a
person accepted what the kernel lacks.

The network is closed before anything else is imported; then the files are narrowed to the paths of the
model; only then the service's module, with the library it needs, is imported.
"""

import sys

from policies.enforcement import ACCEPT, PolicyError, close_network

ACCEPTED = sys.argv[1:2] == [ACCEPT]
close_network(accept_unsealed=ACCEPTED)

from pathlib import Path  # noqa: E402  the wall comes first

from diary.engine.host import Host, private_pipes, run  # noqa: E402
from diary.engine.messages import Failed, FailureCode  # noqa: E402
from policies.enforcement import enforce  # noqa: E402
from policies.policy import engine_policy  # noqa: E402


def main() -> None:
    """Seal, load, serve."""
    host = Host(*private_pipes())
    rooms, service, *names = sys.argv[1 + ACCEPTED :]
    paths = [Path(name) for name in names]
    try:
        enforce(engine_policy(read=paths))
    except PolicyError:
        host.send(0, Failed(FailureCode.SEAL_REFUSED))
        sys.exit(1)
    run(host, service, paths, rooms.split(","))


if __name__ == "__main__":
    main()
