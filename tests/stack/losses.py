"""What quorum alone can't bring back: machines lost with their disks, and, on the guest model, a snapshot in the bucket."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import requests

from components.gates.cluster_reader import FRESH
from components.google.moments import moment
from tests.stack.harness import CLUSTER, REGION, Stack
from tests.stack.invariants import BUCKET
from tests.waiting import until

_OWNER = {"authorization": "Bearer lab-owner"}


def lose(stack: Stack, identity: str) -> None:
    """The machine and its data disk, by hand."""
    zone, vm = f"zones/{REGION}-{identity[-1]}", f"{CLUSTER}-{identity}"
    stack.cloud.compute("DELETE", f"{zone}/instances/{vm}")
    stack.cloud.compute("DELETE", f"{zone}/disks/{vm}-data")


def silent(stack: Stack, lost: str) -> None:
    """Until what a lost master reported, a quorum, isn't fresh any more."""
    url = f"{stack.cloud.url}/storage/v1/b/{BUCKET}/o"

    def stale() -> bool:
        reply = requests.get(url, params={"prefix": "status/"}, headers=_OWNER, timeout=10)
        now = parsedate_to_datetime(reply.headers["Date"])
        written = [moment(each["updated"]) for each in reply.json()["items"] if lost in each["name"]]
        return all(now - when > FRESH for when in written)

    until(f"{lost} silent", stale, 60)


def put_snapshot(stack: Stack, name: str, revision: int) -> str:
    url = f"{stack.cloud.url}/upload/storage/v1/b/{BUCKET}/o"
    reply = requests.post(
        url,
        params={"uploadType": "media", "name": name},
        json={"model": True, "revision": revision},
        headers=_OWNER,
        timeout=10,
    )
    reply.raise_for_status()
    return name
