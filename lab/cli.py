"""`lab`: Google Cloud in a box, from the command line."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from lab import environment
from lab.session import GUESTS, Session
from lab.settings import LabError, default_name, labs

_DOWN = 3
"""Exit code of `status` for a lab that is not up, as service managers have it."""


def main(argv: list[str] | None = None) -> None:
    given = _parser().parse_args(argv)
    try:
        sys.exit(given.run(given) or 0)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def up(given: argparse.Namespace) -> None:
    session = Session.named(given.name)
    if given.toolchain:
        _ensure_toolchain(session)
    fresh = session.up(profile=given.profile, guests=given.guests, port=given.port)
    status = session.status()
    word = "is up" if fresh else "was up already"
    print(f"Lab {session.name} {word}: {status.url}, profile {status.settings.profile}.")
    if status.settings.guests == "model":
        print("Its VMs are a model: no machine runs, an in-memory etcd follows the planner.")
    print(
        f"\nGo on in this shell:\n\n"
        f'    eval "$(uv run lab env{_name_flag(given)})"\n'
        f"    pulumi stack select --create dev\n"
        f"    pulumi up\n\n"
        f"gcloud talks to the lab then, too. See also: lab status, lab logs -f, lab down"
    )


def down(given: argparse.Namespace) -> None:
    session = _existing(given)
    stopped = session.down()
    print(f"Lab {session.name} {'is down' if stopped else 'was not up'}; its state stays in {session.state}.")


def status(given: argparse.Namespace) -> int:
    session = _existing(given)
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
    return 0 if found.healthy else _DOWN


def logs(given: argparse.Namespace) -> None:
    session = _existing(given)
    if not session.log.exists():
        raise LabError(f"Lab {session.name} has no log yet.")
    _print_log(session.log, given.lines, follow=given.follow)


def env(given: argparse.Namespace) -> None:
    session = _existing(given)
    print(environment.exports(session.variables(), session.toolchain_bin()))
    if not session.running():
        print(f"lab: {session.name} is down; start it with: lab up{_name_flag(given)}", file=sys.stderr)


def reset(given: argparse.Namespace) -> None:
    session = _existing(given)
    if not given.yes:
        if not sys.stdin.isatty():
            raise LabError("This throws the lab's state away, Pulumi's too. Confirm it with --yes.")
        answer = input(f"Throw away all state of lab {session.name}, Pulumi's too ({session.state})? [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            raise LabError("Nothing was changed.")
    session.reset()
    print(f"Lab {session.name} is gone. A new one: lab up{_name_flag(given)}")


def _ensure_toolchain(session: Session) -> None:
    """Imported here: the other commands need none."""
    from lab import toolchain

    try:
        found = toolchain.ensure(lambda line: print(line, flush=True))
    except Exception as error:
        alone = "The simulator alone: lab up --no-toolchain"
        raise LabError(f"The toolchain could not be made: {error}\n{alone}") from error
    session.remember_toolchain(found.bin, found.home, found.environment())


def _existing(given: argparse.Namespace) -> Session:
    session = Session.named(given.name)
    if session.settings is None:
        known = sorted(p.parent.name for p in labs().glob("*/settings.json"))
        others = f" There are: {', '.join(known)}." if known else ""
        raise LabError(f"There is no lab {session.name}.{others} Make it: lab up{_name_flag(given)}")
    return session


def _print_log(path: Path, lines: int, *, follow: bool) -> None:
    with path.open(errors="replace") as file:
        print("".join(file.readlines()[-lines:]), end="", flush=True)
        while follow:
            if text := file.read():
                print(text, end="", flush=True)
            else:
                time.sleep(0.2)


def _name_flag(given: argparse.Namespace) -> str:
    return f" --name {shlex.quote(given.name)}" if given.name else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab", description="Google Cloud in a box: simulator and toolchain."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--name", help=f"which lab; LAB_NAME, else {default_name()} for this clone")

    def command(run: Callable[[argparse.Namespace], int | None], help_: str) -> argparse.ArgumentParser:
        made = commands.add_parser(run.__name__, help=help_, description=help_, parents=[common])
        made.set_defaults(run=run)
        return made

    start = command(up, "Start the lab; a second time is fine.")
    start.add_argument(
        "--profile", choices=("instant", "realistic"), help="how long operations take (instant)"
    )
    start.add_argument("--guests", choices=GUESTS, help="what VMs are (machines, where they can run)")
    start.add_argument("--port", type=int, help="the simulator's port; chosen at the first up, then kept")
    start.add_argument("--no-toolchain", dest="toolchain", action="store_false", help="the simulator alone")
    command(down, "Stop the lab; its state stays.")
    shown = command(status, "Tell what runs. Exit code 0 if the lab is up, 3 if not.")
    shown.add_argument("--json", action="store_true")
    logged = command(logs, "Show the simulator's log.")
    logged.add_argument("-f", "--follow", action="store_true", help="go on as it grows")
    logged.add_argument("-n", "--lines", type=int, default=200, help="how many of the last lines (200)")
    command(env, 'Print the environment that points at the lab: eval "$(lab env)".')
    thrown = command(reset, "Stop the lab and throw its state away.")
    thrown.add_argument("--yes", action="store_true", help="don't ask")
    return parser


if __name__ == "__main__":
    main()
