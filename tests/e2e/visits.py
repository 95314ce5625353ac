"""A client that asks a web server all the time, each time by a connection of its own, and remembers what it was answered.

    python -m tests.e2e.visits ADDRESS RECORD --rate 20
    python -m tests.e2e.visits ADDRESS

Runs until SIGTERM; without RECORD it asks once, and ends with 1 if it isn't answered. RECORD is as `tests.e2e.asking` has
it. No request waits longer than two seconds.
"""

from __future__ import annotations

import argparse
import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.e2e.asking import AT_ONCE, Asker, ask_until_told
from tests.e2e.lab import Client, Lab, client_running
from tests.stack.harness import ROOT

KIND = "visit"
TIMEOUT_SECONDS = 2.0


@contextmanager
def visits(life: Lab, address: str, *, beside: str = "", rate: float = 20) -> Iterator[Client]:
    """Asks while the block runs: from outside, or from the network of the machine `beside`, whose kube-proxy's rules lead to
    the pods.
    """
    record = life.folder / f"visits-{time.time_ns()}.jsonl"
    command = [sys.executable, "-m", "tests.e2e.visits", address, str(record), "--rate", str(rate)]
    entered = life.beside(beside, *command) if beside else life.outside(*command)
    with client_running(entered, record, life.folder / "visits.log", 30) as client:
        yield client


def answered(life: Lab, address: str) -> bool:
    """Whether one visit from outside is."""
    command = life.outside(sys.executable, "-m", "tests.e2e.visits", address)
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=30).returncode == 0


def visit(address: str, _name: str) -> str:
    connection = http.client.HTTPConnection(address, 80, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/")
        reply = connection.getresponse()
        reply.read()
        return "" if reply.status == 200 else str(reply.status)
    finally:
        connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("record", type=Path, nargs="?")
    parser.add_argument("--rate", type=float, default=20, help="a second")
    given = parser.parse_args()
    if given.record is None:
        try:
            return 1 if visit(given.address, "") else 0
        except (OSError, http.client.HTTPException):
            return 1
    askers = [Asker(KIND, "", number, given.rate, partial(visit, given.address)) for number in range(AT_ONCE)]
    ask_until_told(askers, given.record, TIMEOUT_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
