"""The program of the recorder: `python -m diary.recorder`, with a pipe on descriptors 0 and 1.

The network is closed before anything else is imported, all but AF_UNIX, where sound servers listen; every
other inherited descriptor is closed, and 0 to 2, which sound libraries print to, lead nowhere; the files are
narrowed to what those libraries read. Then it waits. What it works with, miniaudio above all, is imported at
the first request, so that a recorder that nobody needs costs little.
"""

import sys

from policies.enforcement import ACCEPT, PolicyError, close_network
from policies.profile import Profile

close_network(Profile.RECORDER, accept_unsealed=sys.argv[1:] == [ACCEPT])

import os  # noqa: E402  the wall comes first
import select  # noqa: E402

from policies.enforcement import enforce  # noqa: E402
from policies.policy import recorder_policy, sound_settings  # noqa: E402

INCOMING, OUTGOING = 3, 4


def private_pipes() -> None:
    """Move the pipes to `INCOMING` and `OUTGOING`, lead 0, 1 and 2 nowhere, and close everything else."""
    os.closerange(3, max(os.sysconf("SC_OPEN_MAX"), 65536))
    os.dup2(0, INCOMING, inheritable=False)
    os.dup2(1, OUTGOING, inheritable=False)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def main(backends: tuple[str, ...] = ("PULSEAUDIO", "ALSA")) -> None:
    """Seal, wait, serve. :param backends: miniaudio's names of what is tried for sound, in order."""
    private_pipes()
    refused = False
    try:
        enforce(recorder_policy(read=sound_settings()))
    except PolicyError:
        refused = True
    waiting = select.poll()
    waiting.register(INCOMING, select.POLLIN)
    waiting.poll()  # for ever: the first request, or the end of the diary
    from diary.recorder.service import Recorder, refuse

    if refused:
        refuse(INCOMING, OUTGOING)
    else:
        Recorder(INCOMING, OUTGOING, backends).serve()


if __name__ == "__main__":
    main()
