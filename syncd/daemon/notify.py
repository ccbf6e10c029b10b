"""What systemd is told: that the daemon is ready, alive, stopping. Silent where nobody listens."""

from __future__ import annotations

import os
import socket
from collections import abc


def notify(state: str, environ: abc.Mapping[str, str] = os.environ) -> None:
    """Send one state line (`READY=1`) to $NOTIFY_SOCKET, if there is one; never raises."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.connect(address)
            channel.sendall(state.encode())
    except OSError:
        return


def watchdog_seconds(environ: abc.Mapping[str, str] = os.environ) -> float | None:
    """How often systemd wants a sign of life, in seconds; None where it wants none."""
    text = environ.get("WATCHDOG_USEC", "")
    wanted = environ.get("WATCHDOG_PID", str(os.getpid()))
    if not text.isdigit() or wanted != str(os.getpid()) or int(text) == 0:
        return None
    return int(text) / 1_000_000
