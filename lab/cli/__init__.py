"""`lab`: Google Cloud in a box, from the command line.

parser.py      what can be typed
start.py       lab up: what VMs are, what is installed and built for them
lifecycle.py   lab down, status, logs, env, reset
machines.py    lab ssh, console, net, fault, start, client
stack.py       lab kubeconfig, nodes: what a stack in the lab has made
selection.py   the lab that a command means
"""

from __future__ import annotations

import sys

from lab.cli.parser import parser
from lab.settings import LabError

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    given = parser().parse_args(argv)
    try:
        sys.exit(given.run(given) or 0)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # Whoever read it has seen enough.
        sys.stderr.close()
        sys.exit(0)
