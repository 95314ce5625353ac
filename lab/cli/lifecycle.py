"""`lab down`, `status`, `logs`, `env` and `reset`: the lab as a whole."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from lab import environment
from lab.cli.selection import existing, name_flag
from lab.session import Status
from lab.settings import LabError

_DOWN = 3
"""Exit code of `status` for a lab that is not up, as service managers have it."""


def down(given: argparse.Namespace) -> None:
    session = existing(given)
    stopped = session.down()
    print(f"Lab {session.name} {'is down' if stopped else 'was not up'}; its state stays in {session.state}.")


def status(given: argparse.Namespace) -> int:
    session = existing(given)
    found = session.status()
    if given.json:
        print(json.dumps({"name": session.name, "state": str(session.state), **asdict(found)}, indent=2))
    else:
        state = "up" if found.healthy else "not answering" if found.running else "down"
        rows = {
            "lab": f"{session.name}, {state}",
            "simulator": found.url + (f", pid {found.pid}" if found.pid else ""),
            "profile": found.settings.profile,
            "guests": found.settings.guests,
            "project": f"{found.settings.project}, {found.settings.region}",
            "instances": ", ".join(f"{n} {s}" for n, s in sorted(found.instances.items())) or "none",
            "state": str(session.state),
        }
        print("\n".join(f"{key:<11}{value}" for key, value in rows.items()))
        print(_machines(found), end="")
    return 0 if found.healthy else _DOWN


def _machines(found: Status) -> str:
    """A line for each."""
    lines: list[str] = []
    width = max(map(len, found.machines), default=0)
    for name, used in found.machines.items():
        state = "off" if used is None else f"on   {used / (1 << 20):.0f} MB"
        lines.append(f"{'' if lines else 'machines':<11}{name:<{width}}  {state}\n")
    return "".join(lines)


def logs(given: argparse.Namespace) -> None:
    session = existing(given)
    if not session.log.exists():
        raise LabError(f"Lab {session.name} has no log yet.")
    show(session.log, given.lines, follow=given.follow)


def show(path: Path, lines: int, *, follow: bool) -> None:
    """The end of a file, and with `follow` what is added to it, until the reader has enough."""
    with path.open(errors="replace") as file:
        print("".join(file.readlines()[-lines:]), end="", flush=True)
        while follow:
            if text := file.read():
                print(text, end="", flush=True)
            else:
                time.sleep(0.2)


def env(given: argparse.Namespace) -> None:
    session = existing(given)
    print(environment.exports(session.variables(), session.toolchain_bin()))
    if not session.running():
        print(f"lab: {session.name} is down; start it with: lab up{name_flag(given)}", file=sys.stderr)


def reset(given: argparse.Namespace) -> None:
    session = existing(given)
    if not given.yes:
        if not sys.stdin.isatty():
            raise LabError("This throws the lab's state away, Pulumi's too. Confirm it with --yes.")
        answer = input(f"Throw away all state of lab {session.name}, Pulumi's too ({session.state})? [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            raise LabError("Nothing was changed.")
    session.reset()
    print(f"Lab {session.name} is gone. A new one: lab up{name_flag(given)}")
