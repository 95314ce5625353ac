"""What every Google project has and the lab's hasn't: a network of auto mode named `default`.

The lab leaves it out because the program makes its own, and organisations forbid it as often as not.
"""

from __future__ import annotations

from lab.simulator.client import Client
from lab.simulator.server import Simulator

REGION = "us-central1"
"""Where most of the tests want to be, whatever they are told."""


def furnish(simulator: Simulator) -> None:
    Client(simulator.url, simulator.lab.project).made(
        "global/networks", {"name": "default", "autoCreateSubnetworks": True}
    )
