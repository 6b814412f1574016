"""The routes that ask for a socket by the standard library: every family and every way to send."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import tempfile
from pathlib import Path

from policies.probes.attempt import Route

LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
DISCARD = 9
"""The port to try when no listener can be made; that it answers 'refused' is answer enough."""

_IPPROTO_MPTCP = 262
_MSG_FASTOPEN = 0x20000000
_VMADDR_CID_LOCAL = 1
_RTM_GETLINK, _NLM_F_REQUEST_DUMP = 18, 0x301
_SECONDS = 2.0
_SECONDS_FOR_NOBODY = 0.1


def listener(family: int = socket.AF_INET) -> tuple[socket.socket | None, int]:
    """Somebody who answers on loopback, and the port; nobody where no socket can be made."""
    try:
        server = socket.create_server((LOOPBACK[socket.AddressFamily(family)], 0), family=family)
    except OSError:
        return None, DISCARD
    return server, int(server.getsockname()[1])


def _connect(family: int, protocol: int = 0) -> str:
    server, port = listener(family)
    host = LOOPBACK[socket.AddressFamily(family)]
    with socket.socket(family, socket.SOCK_STREAM, protocol) as client:
        client.settimeout(_SECONDS)
        try:
            client.connect((host, port))
        except ConnectionRefusedError:
            return f"{host} answered: refused"
        return f"connected to {host}" + ("" if server else " where nobody should listen")


def _tcp4() -> str:
    return _connect(socket.AF_INET)


def _tcp6() -> str:
    return _connect(socket.AF_INET6)


def _mptcp() -> str:
    return _connect(socket.AF_INET, _IPPROTO_MPTCP)


def _fastopen() -> str:
    _server, port = listener()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        try:
            client.sendto(b"words", _MSG_FASTOPEN, ("127.0.0.1", port))
        except ConnectionRefusedError:
            return "127.0.0.1 answered: refused"
        return "words sent with the first packet"


def _datagram(family: int) -> str:
    host = LOOPBACK[socket.AddressFamily(family)]
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        try:
            receiver = socket.socket(family, socket.SOCK_DGRAM)
            receiver.bind((host, 0))
        except OSError:
            sender.sendto(b"words", (host, DISCARD))
            return "a datagram was sent"
        receiver.settimeout(_SECONDS)
        sender.sendto(b"words", receiver.getsockname())
        return "a datagram arrived" if receiver.recv(16) == b"words" else "a datagram was sent"


def _udp() -> str:
    return _datagram(socket.AF_INET)


def _udp6() -> str:
    return _datagram(socket.AF_INET6)


def _listen() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        return "a server was listening"


def _netlink() -> str:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        kernel.settimeout(_SECONDS)
        request = struct.pack("=IHHIIBxHiII", 32, _RTM_GETLINK, _NLM_F_REQUEST_DUMP, 1, 0, 0, 0, 0, 0, 0)
        kernel.send(request)
        return f"the kernel listed its interfaces in {len(kernel.recv(65536))} bytes"


def _vsock() -> str:
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as client:
        client.settimeout(_SECONDS_FOR_NOBODY)
        try:
            client.connect((_VMADDR_CID_LOCAL, DISCARD))
        except OSError as error:
            # The socket itself reaches the machine's host; that nobody answers here is no protection.
            return f"a socket to the host was made ({type(error).__name__})"
        return "connected"


def _unix(address: str | bytes) -> str:
    server = None
    try:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.bind(address)
        server.listen(1)
    except OSError:
        server = None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.connect(address)
        except (ConnectionRefusedError, FileNotFoundError):
            return "a socket was made and looked for a listener"
        return "connected" + ("" if server else " where nobody should listen")


def _abstract() -> str:
    return _unix(b"\0diary-probe-%d" % os.getpid())


def _pathunix() -> str:
    try:
        # Named, because Python looks for a folder of its own else by making a file in each, the current one
        # too; where only a name may be given (`--report FILE`), that file could not be removed.
        folder = tempfile.mkdtemp(prefix="probe-", dir="/tmp")
    except OSError:
        return _unix("/nowhere/probe")
    try:
        return _unix(str(Path(folder) / "s"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _raw() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as sender:
        sender.sendto(struct.pack("!BBHHH", 8, 0, 0xF7FD, 1, 1), ("127.0.0.1", 0))
        return "an ICMP packet was sent"


def _packet() -> str:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as sender:
        sender.bind(("lo", 0))
        return "frames of an interface could be read and written"


def _sendmsg() -> str:
    left, right = socket.socketpair()
    with left, right:
        descriptor = os.open(os.devnull, os.O_RDONLY)
        socket.send_fds(left, [b"x"], [descriptor])
        received = socket.recv_fds(right, 1, 1)[1]
        return f"a descriptor was handed over as {received[0]}"


ROUTES: dict[str, Route] = {
    "tcp4": _tcp4, "tcp6": _tcp6, "mptcp": _mptcp, "fastopen": _fastopen, "udp": _udp, "udp6": _udp6,
    "listen": _listen, "netlink": _netlink, "vsock": _vsock, "abstract": _abstract, "pathunix": _pathunix,
    "raw": _raw, "packet": _packet, "sendmsg": _sendmsg,
}  # fmt: skip
