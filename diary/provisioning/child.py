"""Convert an embedding model that somebody imports: `python -I -m diary.provisioning.child SOURCE TARGET`.

The network is closed before anything else is imported; then the files are narrowed to the copied model, which
may be read, and the folder of the new one, which may be written; only then torch is imported and the model
loaded. What came of it is one JSON document on standard output, an `Outcome`: nothing a library prints gets
there. Whoever started this process believes nothing of it without a check (`diary.provisioning.sealed`).
"""

import sys

from policies.enforcement import ACCEPT, close_network

close_network(accept_unsealed=sys.argv[3:] == [ACCEPT])

import os  # noqa: E402  the wall comes first
import threading  # noqa: E402
from pathlib import Path  # noqa: E402

from policies.enforcement import enforce  # noqa: E402
from policies.policy import converter_policy  # noqa: E402


def _without_hardware_address() -> None:
    """Keep `uuid` from looking for this machine's network card, for which it would ask for a socket.

    A library of torch's makes such an identifier when it is imported. The wall refuses the socket; this keeps
    the attempt from being made, so that whoever traces an import sees none.
    """
    import secrets
    import uuid

    for name, value in (("_generate_time_safe", None), ("_node", secrets.randbits(48) | 1 << 40)):
        setattr(uuid, name, value)


def _end_with_the_diary() -> None:
    """End this process when whoever started it is gone: standard input ends then."""
    while os.read(0, 1):
        pass
    os._exit(1)


def main() -> None:
    """Seal, convert, tell."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    answer = os.dup(1)
    os.dup2(2, 1)  # what libraries print goes where their other words go: nowhere
    enforce(converter_policy(read=[source], write=target))
    os.environ["TMPDIR"] = str(target)
    threading.Thread(target=_end_with_the_diary, daemon=True).start()
    _without_hardware_address()

    import msgspec

    from diary.errors import DiaryError
    from diary.provisioning.outcome import Outcome

    try:
        from diary.provisioning.embedder import convert

        made = convert(source, target)
        outcome = Outcome(
            precision=made.precision.value,
            cosine=made.cosine,
            dimensions=made.dimensions,
            max_length=made.max_length,
            pooling=made.pooling,
        )
    except DiaryError as error:
        outcome = Outcome(failure=error.message, hint=error.hint)
    except MemoryError:
        outcome = Outcome(failure="There is not enough memory to convert this model. Nothing was installed.")
    os.write(answer, msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
