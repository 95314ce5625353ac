"""What can be typed after `lab`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from lab.cli import lifecycle, machines, stack
from lab.cli.start import up
from lab.machines import faults
from lab.settings import GUESTS, default_name

Command = Callable[[argparse.Namespace], int | None]


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="lab", description="Google Cloud in a box: simulator, machines and toolchain."
    )
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--name", help=f"which lab; LAB_NAME, else {default_name()} for this clone")

    def command(run: Command, help_: str) -> argparse.ArgumentParser:
        added = commands.add_parser(run.__name__, help=help_, description=help_, parents=[common])
        added.set_defaults(run=run)
        return added

    _lab(command)
    _machines(command)
    _stack(command)
    return made


def _lab(command: Callable[[Command, str], argparse.ArgumentParser]) -> None:
    made = command(up, "Start the lab; a second time is fine.")
    made.add_argument(
        "--profile", choices=("instant", "realistic"), help="how long operations take (instant)"
    )
    made.add_argument(
        "--guests", choices=GUESTS, help="what VMs are; machines where they can run, else a model"
    )
    made.add_argument("--port", type=int, help="the simulator's port; chosen at the first up, then kept")
    made.add_argument(
        "--no-toolchain", dest="toolchain", action="store_false", help="without engine and providers"
    )
    command(lifecycle.down, "Stop the lab: machines lose their power; its state stays.")
    shown = command(lifecycle.status, "Tell what runs. Exit code 0 if the lab is up, 3 if not.")
    shown.add_argument("--json", action="store_true")
    _tail(command(lifecycle.logs, "Show the simulator's log."))
    command(lifecycle.env, 'Print the environment that points at the lab: eval "$(lab env)".')
    thrown = command(lifecycle.reset, "Stop the lab and throw its state away.")
    thrown.add_argument("--yes", action="store_true", help="don't ask")


def _machines(command: Callable[[Command, str], argparse.ArgumentParser]) -> None:
    entered = command(
        machines.ssh, "A root shell in a machine, or a command there; its exit code is the command's."
    )
    entered.add_argument("machine", metavar="NAME", help="the instance's name, as dev-m1-b")
    entered.add_argument(
        "command", metavar="COMMAND", nargs=argparse.REMAINDER, help="words for a shell there"
    )
    read = command(machines.console, "Show a machine's serial output.")
    read.add_argument("machine", metavar="NAME")
    _tail(read)
    command(machines.net, "Print who reaches whom, on which ports.")
    ordered = command(machines.fault, "Strike machines, or a zone; `thaw` and `heal` end what lasts.")
    ordered.add_argument("kind", metavar="KIND", choices=(*faults.KINDS, "zone-outage"),
                         help=", ".join((*faults.KINDS, "zone-outage")))  # fmt: skip
    ordered.add_argument("names", metavar="NAME", nargs="+", help="machines; zones for zone-outage")
    ordered.add_argument("--from", dest="others", metavar="OTHER", nargs="+",
                         help="partition: from these machines only")  # fmt: skip
    started = command(machines.start, "Switch machines on again, as `gcloud compute instances start` does.")
    started.add_argument("names", metavar="NAME", nargs="+")
    outside = command(
        machines.client, "Run a command outside of the lab's network, where the API's address can be reached."
    )
    outside.add_argument("program", metavar="COMMAND", help="kubectl is there; KUBECONFIG is the lab's")
    outside.add_argument("arguments", metavar="ARGUMENT", nargs=argparse.REMAINDER)


def _stack(command: Callable[[Command, str], argparse.ArgumentParser]) -> None:
    written = command(stack.kubeconfig, "Write the stack's kubeconfig into the lab's folder, and say where.")
    listed = command(stack.nodes, "Wait until every replica of the stack is a Ready node, and list them.")
    for each in (written, listed):
        each.add_argument("--stack", default="dev", help="dev, unless given")
    listed.add_argument(
        "--timeout", type=float, default=180.0, metavar="SECONDS", help="how long to wait (180)"
    )


def _tail(command: argparse.ArgumentParser) -> None:
    command.add_argument("-f", "--follow", action="store_true", help="go on as it grows")
    command.add_argument("-n", "--lines", type=int, default=200, help="how many of the last lines (200)")
