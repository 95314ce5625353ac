"""What a simulator needs of whatever runs on its VMs: the lab's machines, the guest model, or a test's own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Protocol

from starlette.routing import BaseRoute

from lab.simulator.context import Lab


class Guests(Protocol):
    """Guests hear of instances by `lab.events`, and answer for them as `lab.health_source` and `lab.serial_source`."""

    def start(self) -> None:
        """Comes before the first call is served; instances that run already get their guests."""

    def stop(self) -> None:
        """Comes after the last call."""

    def sockets(self) -> Sequence[socket.socket]:
        """Returns where guests reach Google's APIs; the simulator serves there what it serves on loopback. Asked once."""

    def routes(self) -> Sequence[BaseRoute]:
        """Returns paths of the guests' own, which come before the APIs'."""


MakeGuests = Callable[[Lab], Guests]


class NoGuests:
    """VMs are nothing but documents."""

    def __init__(self, _lab: Lab) -> None:
        pass

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def sockets(self) -> Sequence[socket.socket]:
        return ()

    def routes(self) -> Sequence[BaseRoute]:
        return ()
