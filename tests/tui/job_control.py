"""A shell in as much as it stops and continues one job: leader of its session, with the terminal its own.

    python -m tests.tui.job_control PROGRAM [ARGUMENT…]

Says on the terminal what becomes of the job. At SIGUSR1 the job goes on in the foreground.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import termios


def main() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execv(sys.argv[1], sys.argv[1:])
    signal.signal(signal.SIGUSR1, lambda *_: go_on(job))
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            say("JOB ENDED", os.waitstatus_to_exitcode(status))
            return
        os.tcsetpgrp(0, os.getpgrp())
        say("JOB STOPPED by", os.WSTOPSIG(status))


def go_on(job: int) -> None:
    os.tcsetpgrp(0, job)
    os.killpg(job, signal.SIGCONT)


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\r\n").encode())


if __name__ == "__main__":
    main()
