"""Figures of live masters: times, and the gaps that a client at 100 requests a second sees. Part of `make bench`.

The client makes 100 reads and 100 writes a second, each over four connections that it keeps. A gap is the longest time
without an answer; ten milliseconds of it are the client's own rhythm.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e import gaps
from tests.e2e.kubeadm import MASTERS, yardstick
from tests.e2e.lab import Client, Lab, unavailable
from tests.e2e.site import ONE, THREE, Site, identity, site, vm
from tests.waiting import until

RATE = 100.0
SETTLE_SECONDS = 60.0


def main() -> None:
    if why := unavailable():
        print(f"no figures of live masters: {why}")
        return
    with tempfile.TemporaryDirectory() as folder, site(Path(folder), hurries=False) as made:
        _times(made)
        with made.load(reads=RATE, writes=RATE) as client:
            with _watched("1→3, address handed over", client, aim=3.0):
                tell("up 1→3", made.up(THREE))
                made.ready(THREE)
            _memory(made)
            for which in ("leader", "follower"):
                _power_cut(made, client, which)
            with _watched("rolling replacement of all three", client):
                for replica in THREE:
                    tell(
                        f"replacement of {replica}",
                        made.up(THREE, "--replace", f"**::{identity(replica)}-turn"),
                    )
            with _watched("3→1, address handed over", client, aim=3.0):
                tell("up 3→1", made.up(ONE))
    print("\nkubeadm on the same machines")
    _kubeadm()


def _times(made: Site) -> None:
    began = time.monotonic()
    made.up(THREE)
    made.ready(THREE)
    tell("up to three Ready masters", time.monotonic() - began, aim=40.0)
    tell("destroy", made.stack.destroy().seconds)
    began = time.monotonic()
    made.up(ONE)
    made.ready(ONE)
    tell("up to one Ready master", time.monotonic() - began)


def _power_cut(made: Site, client: Client, which: str) -> None:
    struck = made.beside_etcds(which, THREE)
    survivor = next(r for r in THREE if r != struck)
    with (
        made.load(reads=RATE, writes=RATE, beside=vm(survivor)) as inside,
        _watched(f"power cut of the {which}, through the address", client),
        _watched(f"power cut of the {which}, at a survivor", inside, aim=2.0),
    ):
        made.fault(vm(struck), "halt")
        until("NotReady", lambda: made.nodes().get(vm(struck)) is False, SETTLE_SECONDS + 30)
    made.power(vm(struck), "start")
    made.ready(THREE, 2 * SETTLE_SECONDS)


def _kubeadm() -> None:
    with tempfile.TemporaryDirectory() as folder, yardstick(Path(folder)) as beside:
        tell("three Ready masters", beside.install())
        leader = beside.leader()
        survivor = next(name for name in MASTERS if name != leader)
        with (
            beside.load(reads=RATE, writes=RATE, beside=survivor) as inside,
            _watched("power cut of the leader, at a survivor", inside),
        ):
            struck = time.time()
            beside.fault(leader, "halt")
            until("ten seconds without a failure", lambda: _calm(inside, struck), SETTLE_SECONDS)
        _memory(beside)


def _calm(client: Client, since: float) -> bool:
    """Whether all requests of the last ten seconds, and since then, were answered."""
    requests = [each for each in client.requests() if each.start >= since]
    failed = max((each.end for each in requests if each.problem), default=since)
    return max((each.end for each in requests if not each.problem), default=since) - failed > 10


def _memory(made: Lab) -> None:
    used = [each["memoryBytes"] / 1e6 for each in made.machines().values()]
    print(f"{'memory of a master':44} {max(used):6.0f} MB (the largest)", flush=True)


@contextmanager
def _watched(what: str, client: Client, aim: float = 0.0) -> Iterator[None]:
    since = time.time()
    yield
    for kind in ("read", "write"):
        gap = gaps.longest(client.requests(), kind, since, time.time())
        tell(f"{what}: {kind}s", gap.seconds, aim)
        if gap.problems:
            print(f"    {len(gap.problems)} failed in it, the first with {gap.problems[0][:100]}", flush=True)


def tell(what: str, seconds: float, aim: float = 0.0) -> None:
    note = f"   aim: {aim:.0f} s, {'met' if seconds <= aim else 'missed'}" if aim else ""
    print(f"{what:52} {seconds:7.2f} s{note}", flush=True)


if __name__ == "__main__":
    main()
