"""What a process may touch, as frozen data: a profile, and lists of paths. Everything not named is refused.

Rules: paths are fixed when the seal is laid and never widened after; a caller's path that does not exist at
that moment stays closed (create the vault's folder, or the file to be written, before). A folder is granted
with all beneath it; the whole disk cannot be. Paths are made absolute here and followed through symbolic
links at the seal.

Here: the three walls in prose, each above its constructor. Not here: how the kernel is told (`kernel`).
"""

from __future__ import annotations

import binascii
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from policies.errors import PolicyError
from policies.profile import Profile

__all__ = [
    "Policy",
    "Profile",
    "converter_policy",
    "core_policy",
    "engine_policy",
    "recorder_policy",
    "sound_settings",
]

_LIBRARIES = ("/usr", "/lib", "/lib32", "/lib64", "/bin")

_ETC = (
    "ld.so.cache", "ld.so.preload",  # the loader of shared libraries
    "localtime", "timezone",  # which zone the machine is in
    "passwd", "group", "nsswitch.conf",  # the name and home of this user
    "locale.alias", "terminfo", "ssl/openssl.cnf",  # languages, terminals, and what crypto libraries read
    "diary",  # a clinic's policy
)  # fmt: skip
"""The files of /etc that the running program reads: no names of hosts, no secrets, no machine settings."""

_PROCESSOR = ("/sys/devices/system/cpu", "/sys/devices/system/node")
"""How many processors there are and what they can do; numeric libraries choose their code by it."""

_MACHINE_FACTS = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm", "/proc/filesystems")

_CONTAINER = tuple(
    f"/sys/fs/cgroup/{name}"
    for name in (
        "memory.max", "memory.current", "memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes",
    )
)  # fmt: skip
"""How much memory a container may take: numbers that an engine reads before it loads a model."""

_OURS = ("diary", "ingest", "retrieval", "policies")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One wall.

    :ivar profile: which system calls are refused.
    :ivar read: files, or folders with all beneath them, that may be read and listed.
    :ivar write: the same, that may also be created, changed, truncated, moved and removed.
    :ivar make: folders in which, and beneath which, a new file may be given a name, and nothing else.
    :ivar names: folders whose listing may be read, beneath them too, but no file.
    :ivar execute: programs that may be started.
    :ivar devices: terminals and the like, to read, write and control.
    :ivar asked: the paths among these that the caller named, as opposed to the system's own.
    """

    profile: Profile
    read: tuple[Path, ...]
    write: tuple[Path, ...] = ()
    make: tuple[Path, ...] = ()
    names: tuple[Path, ...] = ()
    execute: tuple[Path, ...] = ()
    devices: tuple[Path, ...] = ()
    asked: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        asked = (Path(os.path.realpath(path)) for path in self.asked)  # a link that leads there is it, too
        if Path("/") in (*self.read, *self.write, *self.names, *self.devices, *asked):
            raise PolicyError(
                "The whole disk cannot be opened to the diary, so it was not started.",
                hint="Name the folder that is meant, not /.",
            )

    def fingerprint(self) -> str:
        """A short name for this wall, equal for equal walls; it shows no path.

        Only says which wall a process believes to stand behind; that one stands is shown by trying.
        """
        lists = (self.read, self.write, self.make, self.names, self.execute, self.devices)
        text = os.fsencode("\n\n".join("\n".join(sorted(map(os.fspath, paths))) for paths in lists))
        return f"{self.profile.value}:{binascii.crc32(text):08x}{binascii.crc32(text[::-1]):08x}"


# The core holds the keys, the vault and the screen. It makes no socket of any family but an anonymous pair,
# so its words leave only through the terminal, the vault's folder, and the paths named before the seal. It
# may read its libraries, the interpreter, a few files of /etc, and the person's files to be imported. All of
# /proc may be read, because a child it starts needs its own entry there, which no rule can name in advance;
# the memory, the environment and the descriptors of a process outside stay closed all the same, since
# Landlock forbids looking into any process that is not behind the wall. It may start the
# interpreter, for its engines and for the check, and the loader that the kernel starts it with, which starts
# what it is given; whatever is started stands behind the same wall.
def core_policy(
    *,
    vault: Path,
    read: Iterable[Path],
    write: Iterable[Path],
    make: Iterable[Path] = (),
    names: Iterable[Path] = (),
) -> Policy:
    """The wall of the diary itself.

    :param vault: the vault's folder, which must exist to be granted.
    :param read: what may be read beyond the system's own: models, files to import.
    :param write: what may be written beyond the vault: existing folders or files.
    :param make: folders for files that were made without a name before.
    :param names: folders of which only the listing may be read.
    :raises policies.PolicyError: when one of them is the whole disk.
    """
    reading, writing, making = _absolute(read), _absolute([vault, *write]), _absolute(make)
    return Policy(
        profile=Profile.CORE,
        read=(*_interpreter(), *_system(), Path("/proc"), *reading),
        write=writing,
        make=making,
        names=(*_checkout(), *_absolute(names)),
        execute=_programs(),
        devices=_paths("/dev/null", "/dev/tty", "/dev/urandom", "/dev/random"),
        asked=(*reading, *writing, *making),
    )


# An engine parses model files that somebody else made, so it is trusted with nothing: no key, no vault, no
# terminal, no socket. It reads its model, the libraries and its own entry in /proc. It changes no file
# (Landlock: content and names; the filter: also modes, owners and times), starts no program and no process.
# Writing is left to /dev/null, which llama_cpp opens when imported. Loading shared libraries needs no right
# to execute: Landlock asks for it at execve only.
def engine_policy(*, read: Iterable[Path]) -> Policy:
    """The wall of a process that runs one model.

    :param read: the model's files or folders, and nothing of the person's.
    :raises policies.PolicyError: when one of them is the whole disk.
    """
    reading = _absolute(read)
    return Policy(
        profile=Profile.ENGINE,
        read=(*_interpreter(), *_system(), *_own_process(), *_paths("/dev/urandom"), *reading),
        names=_checkout(),
        devices=_paths("/dev/null"),
        asked=reading,
    )


# The converter turns an imported embedding model into the form that the diary runs. Its libraries (torch,
# transformers) are large, and the file it loads was made by somebody else, so it may write into the folder of
# the new model and nowhere else, reads its libraries and the copied model, and starts no program. It needs
# to write files, which an engine may not: hence the core's filter of system calls, with fewer paths.
def converter_policy(*, read: Iterable[Path], write: Path) -> Policy:
    """The wall of the process that converts one model.

    :param read: the model's files. :param write: the folder that what it makes goes into.
    :raises policies.PolicyError: when one of them is the whole disk.
    """
    reading, writing = _absolute(read), _absolute([write])
    return Policy(
        profile=Profile.CORE,
        read=(*_interpreter(), *_system(), *_own_process(), *_paths("/dev/urandom"), *reading),
        write=writing,
        names=_checkout(),
        devices=_paths("/dev/null"),
        asked=(*reading, *writing),
    )


# The recorder hears the microphone. Sound servers listen on AF_UNIX sockets, so it may connect to those,
# which is why it holds no key and cannot read the vault: on the other end of such a socket stands a program
# outside the wall. It reads the libraries and what it is given (how the sound server is reached), uses the
# sound devices, changes no file and starts no program and no process. It is started before the core is
# sealed, or it would stand behind the core's wall.
def recorder_policy(*, read: Iterable[Path]) -> Policy:
    """The wall of the process that holds the microphone.

    :param read: the sound libraries' settings, with the cookie of the sound server (`sound_settings`).
    :raises policies.PolicyError: when one of them is the whole disk.
    """
    reading = _absolute(read)
    return Policy(
        profile=Profile.RECORDER,
        read=(*_interpreter(), *_system(), *_own_process(), *_paths("/dev/urandom"), *reading),
        names=_checkout(),
        devices=_paths("/dev/null", "/dev/snd"),
        asked=reading,
    )


def sound_settings() -> tuple[Path, ...]:
    """What libpulse and ALSA read to find and be let in by the sound server, for the environment's HOME.

    Sources: pulse-client.conf(5), asoundrc; watched with strace. The socket itself needs no right to read.
    """
    home, pulse = Path(os.environ.get("HOME") or "/nonexistent"), Path("/etc/pulse")
    cookie = os.environ.get("PULSE_COOKIE")
    return (
        *(pulse / name for name in ("client.conf", "client.conf.d")),
        *(home / ".config/pulse" / name for name in ("client.conf", "client.conf.d", "cookie")),
        *(home / name for name in (".pulse/client.conf", ".pulse-cookie", ".config/alsa", ".asoundrc")),
        *_paths("/etc/machine-id", "/var/lib/dbus/machine-id", "/etc/asound.conf", "/etc/alsa"),
        *((Path(cookie),) if cookie else ()),
    )


def _paths(*names: str) -> tuple[Path, ...]:
    return tuple(Path(name) for name in names)


def _absolute(paths: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(Path(os.path.abspath(path)) for path in paths)  # noqa: PTH100 - links are followed at the seal


def _system() -> tuple[Path, ...]:
    etc = Path("/etc")
    return (*_paths(*_LIBRARIES), *(etc / name for name in _ETC), *_paths(*_PROCESSOR))


def _own_process() -> tuple[Path, ...]:
    return (Path(f"/proc/{os.getpid()}"), *_paths(*_MACHINE_FACTS, *_CONTAINER))


def _packages() -> Path:
    return Path(__file__).resolve().parent.parent


def _interpreter() -> tuple[Path, ...]:
    """Python, its standard library and the installed packages, and our own four."""
    installed = [entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")]
    prefixes = [Path(entry) for entry in (sys.prefix, sys.base_prefix, *installed)]
    ours = [_packages() / name for name in _OURS]
    return tuple(dict.fromkeys(path for path in (*prefixes, *ours) if path != Path("/")))


def _checkout() -> tuple[Path, ...]:
    """The folder our packages lie in: the import system lists it to find them. In a checkout it has other
    files.
    """
    return () if _packages() == Path("/") else (_packages(),)


def _programs() -> tuple[Path, ...]:
    """The interpreter, and the loader the kernel starts it with."""
    named = {Path(sys.executable), Path(getattr(sys, "_base_executable", sys.executable))}
    loaders = set()
    try:
        with Path("/proc/self/maps").open(encoding="utf-8", errors="surrogateescape") as maps:
            for line in maps:
                mapped = Path(line.rstrip("\n").partition("/")[2])
                if mapped.name.startswith(("ld-", "ld.so")):
                    loaders.add(Path("/") / mapped)
    except OSError:  # another system, or no /proc, without which `enforce` says in a sentence that it cannot
        pass
    return tuple(sorted({path.resolve() for path in named | loaders}))
