"""The operator's commands beside `pulumi`, run in the program's folder with the credentials of `pulumi up`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from admin import check
from admin.adopt import command as adopt
from admin.heal import command as heal
from admin.metrics import command as metrics
from admin.pin import command as pin
from admin.status import command as status


@dataclass(frozen=True, slots=True)
class Command:
    """`help` is one line; `run` takes the words behind the command and returns the exit status."""

    help: str
    run: Callable[[Sequence[str]], int]


COMMANDS: Mapping[str, Command] = {
    "status": Command("Tells how the cluster is now, also when its API is gone", status.main),
    "metrics": Command("Tells Prometheus the same, once or at each scrape", metrics.main),
    "check": Command("Asks whether the project would let `pulumi up` through", check.main),
    "heal": Command("Makes a master again that is gone or silent, within a budget", heal.main),
    "adopt": Command("Takes into the stack what an interrupted update made and could not record", adopt.main),
    "pin": Command(
        "Reads a release's digests where they are published, and keeps them beside the stack's files",
        pin.main,
    ),
}


def main(arguments: Sequence[str]) -> int:
    name, *rest = arguments or ["help"]
    if name in COMMANDS:
        return COMMANDS[name].run(rest)
    asked_for_help = name in ("help", "-h", "--help")
    print(usage(), file=sys.stdout if asked_for_help else sys.stderr)
    return 0 if asked_for_help else 2


def usage() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {command.help}" for name, command in COMMANDS.items()]
    return "\n".join(["usage: python -m admin COMMAND [--help]", "", *lines])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
