"""The pools that this master knows, and the API server's file that follows them.

The API server reads that file again by itself within a minute, so pools come and go without a restart of anything. What
can't be read changes nothing: workers that were known stay known.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from node.contract.metadata import Machine
from node.contract.pools import Pools
from node.host import known_pools, paths
from node.host.files import under, write
from node.manifests.files import authentication


class KnownPools:
    """Written by the agent's loop, read by others' threads."""

    def __init__(self, root: Path, say: Callable[[str], None]) -> None:
        self._root, self._say, self._said = root, say, ""
        self.pools = known_pools.known(root)

    def follow(self, machine: Machine, pools: Pools | None, problem: str) -> None:
        """`pools` as they were read, None where there are none; or the `problem` that they can't be."""
        try:
            if not problem and pools != self.pools:
                known_pools.remember(self._root, pools)
                self.pools = pools
            self._write(machine)
        except OSError as error:
            problem = problem or f"the API server's file of them can't be written: {error}"
        if problem != self._said:
            self._said = problem
            self._say(f"workers: {problem}" if problem else "workers: the pools are read again")

    def _write(self, machine: Machine) -> None:
        """At each look, for the same file is bootstrap's when metadata change, from the same pools or those before."""
        secret = under(self._root, paths.secret("etcd-client-ca.crt"))
        file = authentication(machine, secret.read_text() if self.pools else "", self.pools)
        write(under(self._root, file.path), file.text, file.mode)
