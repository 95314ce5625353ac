"""One lab's process: the simulator, with what its VMs are. `python -m lab.serve --state DIR`, as `lab up` starts it."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

from lab.settings import GUESTS
from lab.simulator.context import Lab
from lab.simulator.guests import Guests, MakeGuests, NoGuests
from lab.simulator.latency import PROFILES
from lab.simulator.permissions import Permissions
from lab.simulator.server import Simulator


def guests(kind: str, state: Path) -> MakeGuests:
    """What makes guests of this kind. Each imports what it alone needs: machines load the network and their image."""
    match kind:
        case "machines":
            return lambda lab: _machines(lab, state)
        case "model":
            from lab.guest_model import GuestModel

            return GuestModel
        case "none":
            return NoGuests
    raise ValueError(f"guests are {kind!r}; use one of {', '.join(GUESTS)}")


def _machines(lab: Lab, state: Path) -> Guests:
    from lab.machines import image, tag
    from lab.machines.routes import ServedFleet

    return ServedFleet(lab, state / "machines", tag(state), image.ensure())


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m lab.serve", description=__doc__)
    parser.add_argument("--state", required=True, type=Path, help="folder for state and endpoint.json")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--profile", choices=PROFILES, default="instant")
    parser.add_argument("--project", default="lab-project")
    parser.add_argument("--region", default="europe-west1")
    parser.add_argument("--permissions", type=Path, help="JSON: principals and their roles")
    parser.add_argument("--guests", choices=GUESTS, default="none", help="what VMs are")
    given = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING)
    Simulator(
        given.state,
        profile=given.profile,
        project=given.project,
        region=given.region,
        port=given.port,
        permissions=Permissions.read(given.permissions) if given.permissions else None,
        guests=guests(given.guests, given.state),
    ).run()


if __name__ == "__main__":
    main()
