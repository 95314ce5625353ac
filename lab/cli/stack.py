"""`lab kubeconfig` and `nodes`: what a stack in the lab has made, as its operator sees it."""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from lab import files
from lab.cli.machines import entering, outside
from lab.cli.selection import existing, name_flag, up
from lab.session import Session
from lab.settings import LabError

_PAUSE_SECONDS = 0.5
_SILENCE = timedelta(seconds=15)
"""A kubelet renews its node's lease every 10 s."""


def kubeconfig(given: argparse.Namespace) -> None:
    session = existing(given)
    write_kubeconfig(session, given.stack)
    print(session.kubeconfig)
    if session.has_machines:
        print(
            f"Use it from the outside world of the lab: uv run lab client{name_flag(given)} kubectl get nodes"
        )
    else:
        print("It leads nowhere: this lab has no machines.")


def nodes(given: argparse.Namespace) -> None:
    """Waits for a Ready node of each replica. Raises LabError if one is missing at the deadline."""
    session = up(given)
    if not session.has_machines:
        print("No machine runs in this lab, so there is no API to ask for nodes.")
        return
    write_kubeconfig(session, given.stack)
    wanted = {row["instance"] for row in json.loads(_pulumi(session, given.stack, "replicas", "--json"))}
    kubectl = [*entering(session), "kubectl", "--request-timeout=10s"]
    environment = outside(session)
    deadline = time.monotonic() + given.timeout
    while late := sorted(wanted - _ready(kubectl, environment)):
        if time.monotonic() > deadline:
            raise LabError(
                f"waited {given.timeout:.0f} s for nodes to be Ready: {', '.join(late)}."
                f" What they say: lab console{name_flag(given)} NAME"
            )
        time.sleep(_PAUSE_SECONDS)
    subprocess.run([*kubectl, "get", "nodes"], env=environment, check=False)
    print(f"\nAsk the API yourself: uv run lab client{name_flag(given)} kubectl get nodes")


def write_kubeconfig(session: Session, stack: str) -> None:
    """Writes the stack's kubeconfig into the lab's folder, readable for its owner only."""
    text = _pulumi(session, stack, "kubeconfig", "--show-secrets")
    files.write(session.kubeconfig, text, mode=0o600)


def _ready(kubectl: list[str], environment: dict[str, str]) -> set[str]:
    """Empty while the API gives no answer."""
    asked = subprocess.run(
        [*kubectl, "get", "nodes,leases", "--namespace=kube-node-lease", "--output=json"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ready(json.loads(asked.stdout)["items"], datetime.now(UTC)) if asked.returncode == 0 else set()


def ready(items: list[dict[str, Any]], now: datetime) -> set[str]:
    """Names of the nodes that say Ready and renewed their Lease lately; `items` are Nodes and Leases as the API lists them.

    After a power cut the Node alone says Ready for another 40 s.
    """
    heard = {
        item["metadata"]["name"]
        for item in items
        if item["kind"] == "Lease" and now - datetime.fromisoformat(item["spec"]["renewTime"]) < _SILENCE
    }
    well = {
        item["metadata"]["name"]
        for item in items
        if item["kind"] == "Node"
        for each in item["status"].get("conditions", [])
        if (each["type"], each["status"]) == ("Ready", "True")
    }
    return well & heard


def _pulumi(session: Session, stack: str, output: str, *flags: str) -> str:
    """A stack's output. The program's folder is the caller's, as for `pulumi` itself."""
    command = ["pulumi", "stack", "output", output, *flags, "--stack", stack]
    try:
        done = subprocess.run(
            command,
            env=session.environment(),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise LabError("There is no pulumi here. Make it: lab up") from error
    if done.returncode:
        raise LabError(f"`{' '.join(command)}` says:\n{done.stderr.strip()}\nIs the stack up? pulumi up")
    return done.stdout
