"""The lab that a command means, and what to say when it isn't there."""

from __future__ import annotations

import argparse
import shlex

from lab.session import Session
from lab.settings import LabError, labs


def existing(given: argparse.Namespace) -> Session:
    """The lab that the command names. Raises LabError if it was never made."""
    session = Session.named(given.name)
    if session.settings is None:
        known = sorted(p.parent.name for p in labs().glob("*/settings.json"))
        others = f" There are: {', '.join(known)}." if known else ""
        raise LabError(f"There is no lab {session.name}.{others} Make it: lab up{name_flag(given)}")
    return session


def up(given: argparse.Namespace) -> Session:
    """The lab that the command names. Raises LabError if it is down."""
    session = existing(given)
    if not session.running():
        raise LabError(f"Lab {session.name} is down. Start it: lab up{name_flag(given)}")
    return session


def with_machines(given: argparse.Namespace, session: Session) -> Session:
    """Returns the lab. Raises LabError if its VMs are no machines."""
    if not session.has_machines:
        flag = name_flag(given)
        raise LabError(
            f"Lab {session.name} has no machines. As root on Linux: lab down{flag}; lab up{flag} --guests machines"
        )
    return session


def name_flag(given: argparse.Namespace) -> str:
    """Returns what people type after `lab COMMAND` to mean this lab."""
    return f" --name {shlex.quote(given.name)}" if given.name else ""
