"""A client that asks a web server all the time, each time by a connection of its own, and remembers what it was answered.

    python -m tests.e2e.visits ADDRESS RECORD --rate 20

Runs until SIGTERM. Lines of RECORD are as `tests.e2e.gaps` reads them. No request waits longer than two seconds.
"""

from __future__ import annotations

import argparse
import http.client
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tests.e2e.lab import Client, Lab
from tests.stack.harness import ROOT
from tests.waiting import until

KIND = "visit"
TIMEOUT_SECONDS = 2.0
VISITORS = 4


@contextmanager
def visits(life: Lab, machine: str, address: str, *, rate: float = 20) -> Iterator[Client]:
    """Asks while the block runs, from a machine's own network: its kube-proxy's rules lead to the pods."""
    record = life.folder / f"visits-{time.time_ns()}.jsonl"
    command = [sys.executable, "-m", "tests.e2e.visits", address, str(record), "--rate", str(rate)]
    with (life.folder / "visits.log").open("ab") as log:
        client = Client(
            subprocess.Popen(life.beside(machine, *command), cwd=ROOT, stdout=log, stderr=log), record
        )
    try:
        until("the first answer", lambda: record.exists() and bool(client.requests()), 30)
        yield client
    finally:
        client.stop()


def _visit(address: str) -> str:
    connection = http.client.HTTPConnection(address, 80, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/")
        reply = connection.getresponse()
        reply.read()
        return "" if reply.status == 200 else str(reply.status)
    except (OSError, http.client.HTTPException) as error:
        return repr(error)
    finally:
        connection.close()


def _go_on(address: str, number: int, every: float, record: TextIO, stop: threading.Event) -> None:
    """`every` seconds one visit; what took longer is not caught up with."""
    due = time.monotonic() + number * every / VISITORS
    while not stop.wait(max(0.0, due - time.monotonic())):
        due = max(due + every, time.monotonic())
        began = time.time()
        problem = _visit(address)
        record.write(json.dumps([KIND, began, time.time(), problem, ""]) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("record", type=Path)
    parser.add_argument("--rate", type=float, default=20, help="a second")
    given = parser.parse_args()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with given.record.open("a", buffering=1) as record:
        visitors = [
            threading.Thread(
                target=_go_on, args=(given.address, number, VISITORS / given.rate, record, stop), daemon=True
            )
            for number in range(VISITORS)
        ]
        for each in visitors:
            each.start()
        stop.wait()
        for each in visitors:
            each.join(2 * TIMEOUT_SECONDS)


if __name__ == "__main__":
    main()
