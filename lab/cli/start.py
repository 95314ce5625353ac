"""`lab up`: the toolchain, what machines need, and the simulator."""

from __future__ import annotations

import argparse

from lab.cli.selection import name_flag
from lab.machines import host
from lab.session import Session
from lab.settings import LabError


def up(given: argparse.Namespace) -> None:
    session = Session.named(given.name)
    known = session.settings
    guests, why = choose(given.guests, known.guests if known else None, host.obstacle(host.look()))
    if given.toolchain:
        _ensure_toolchain(session)
    if guests == "machines" and not session.running():
        _ensure_machines()
    fresh = session.up(profile=given.profile, guests=guests, port=given.port)
    status = session.status()
    word = "is up" if fresh else "was up already"
    print(f"Lab {session.name} {word}: {status.url}, profile {status.settings.profile}.\n{why}")
    print(
        f"\nGo on in this shell:\n\n"
        f'    eval "$(uv run lab env{name_flag(given)})"\n'
        f"    pulumi stack select --create dev\n"
        f"    pulumi up\n\n"
        f"gcloud talks to the lab then, too. See also: lab status, lab logs -f, lab down"
    )


def choose(asked: str | None, kept: str | None, obstacle: str) -> tuple[str, str]:
    """What VMs are, and the sentence that says so. What was asked for comes first, then what the lab had so far.

    `obstacle` is why machines can't run here, or empty. Raises LabError where machines are wanted all the same.
    """
    chosen = asked or kept or ("model" if obstacle else "machines")
    if chosen == "machines":
        if obstacle:
            has = "" if asked else "The lab has machines so far. "
            raise LabError(f"{has}No machine can run here: {obstacle}. {host.WITHOUT}")
        return chosen, "Its VMs are machines: each boots Debian and runs the real start-up script."
    if chosen == "none":
        return chosen, "Its VMs are nothing but documents."
    boots = "nothing boots, an in-memory etcd follows the planner"
    if obstacle:
        return chosen, f"Its VMs are a model, because {obstacle}: {boots}."
    return chosen, f"Its VMs are a model: {boots}. For machines: lab down, then lab up --guests machines"


def _ensure_machines() -> None:
    """Imported here: nothing else needs the image."""
    from lab.machines.image import ImageUnavailableError, ensure
    from lab.toolchain.build import ToolchainUnavailableError
    from lab.toolchain.golang import BuildFailedError

    try:
        host.prepare(_progress)
        ensure(_progress)
    except host.HostError as error:
        raise LabError(str(error)) from error
    except (ImageUnavailableError, ToolchainUnavailableError, BuildFailedError, OSError) as error:
        raise LabError(f"The machines' image could not be made: {error}\n{host.WITHOUT}") from error


def _ensure_toolchain(session: Session) -> None:
    """Imported here: the other commands need none."""
    from lab import toolchain

    try:
        found = toolchain.ensure(_progress)
    except Exception as error:
        without = "Without the engine: lab up --no-toolchain"
        raise LabError(f"The toolchain could not be made: {error}\n{without}") from error
    session.remember_toolchain(found.bin, found.home, found.environment())


def _progress(line: str) -> None:
    print(line, flush=True)
