"""Sockets that the lab's servers listen on."""

from __future__ import annotations

import socket


def listening(address: str, port: int) -> socket.socket:
    """Returns a TCP socket in the caller's network namespace; port 0 is any free one.

    Its protocol is named: asyncio switches Nagle's algorithm off only then, and each reply on a kept connection would wait
    40 ms.
    """
    made = socket.socket(proto=socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    made.listen(128)
    return made
