"""A cluster of one master and two workers on live machines, with the tests' images in each machine's containerd."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.site import ONE, WORKERS, Site, site
from tests.e2e.web import hand_out

READY_SECONDS = 600
"""A box that does much else is slow."""


@contextmanager
def cluster(folder: Path, images: Sequence[Path]) -> Iterator[Site]:
    with site(folder) as made:
        made.tell(f"one master and two workers: up in {made.up(ONE, pools=WORKERS):.0f} s")
        made.nodes_number(3, READY_SECONDS)
        made.names_and_services()
        hand_out(made, made.machines(), images)
        yield made
