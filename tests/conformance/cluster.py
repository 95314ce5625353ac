"""A cluster of one master and two workers on live machines, with the tests' images in each machine's containerd."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.site import ONE, Site, site
from tests.e2e.web import hand_out
from tests.stack.harness import REGION
from tests.waiting import until

POOLS = [{"name": "web", "zones": [f"{REGION}-b", f"{REGION}-c"], "size": 1, "drainTimeout": "1m"}]
READY_SECONDS = 600
"""A box that does much else is slow."""


@contextmanager
def cluster(folder: Path, images: Sequence[Path]) -> Iterator[Site]:
    with site(folder) as made:
        made.tell(f"one master and two workers: up in {made.up(ONE, pools=POOLS):.0f} s")
        until(
            "three Nodes are Ready",
            lambda: list(made.nodes().values()) == [True] * 3,
            READY_SECONDS,
            made.nodes,
        )
        made.names_and_services()
        hand_out(made, made.machines(), images)
        yield made
