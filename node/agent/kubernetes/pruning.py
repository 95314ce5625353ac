"""The base add-ons rest while the last workers leave, and end with the last pool, on the leader's machine.

Their object in the bucket goes when no worker is left: `components.workers` deletes it behind the guard of the last pool.
Only what bears our label and a name of theirs is deleted. Other add-ons of the bucket's aren't: who takes one out
decides what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from urllib.parse import quote

from node.contract.base_addons import LABEL, NAMES, PLACES
from node.host.rest import Object

QUIET_LOOKS = 3
"""That find nothing, until no more are taken: a master that had read the bucket before may put one back after the first."""


def at_rest(wanted: Object) -> Object:
    """Returns an add-on as it shall be while the last workers leave: without pods that a budget would keep there for ever,
    for nowhere else can they be.
    """
    metadata = wanted.get("metadata") or {}
    if wanted.get("kind") == "Deployment" and LABEL in (metadata.get("labels") or {}):
        return wanted | {"spec": wanted["spec"] | {"replicas": 0}}
    return wanted


class Client(Protocol):
    """What is asked of the API server."""

    def get(self, path: str, *, metadata_only: bool = False) -> Object | None: ...

    def delete(self, path: str) -> None: ...


class Pruning:
    """Remembers that nothing is left, so that clusters without workers are asked a few times in the life of an agent."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._quiet = say, 0

    def look(self, client: Client, *, asked_for: bool, leads: bool) -> None:
        """Once. `asked_for`: the bucket has the base add-ons, or doesn't answer. Raises WebError."""
        if asked_for:
            self._quiet = 0
        elif leads and self._quiet < QUIET_LOOKS:
            self._quiet = 0 if self._end(client) else self._quiet + 1

    def _end(self, client: Client) -> bool:
        """Returns whether there was anything to delete."""
        found = False
        for place in PLACES:
            listed = client.get(f"{place}?labelSelector={quote(LABEL)}", metadata_only=True) or {}
            for each in listed.get("items") or ():
                metadata = each["metadata"]
                if metadata["name"] in NAMES and LABEL in (metadata.get("labels") or {}):
                    found = True
                    client.delete(f"{place}/{metadata['name']}")
                    self._say(
                        f"deletes {place.rpartition('/')[2]} {metadata['name']}: no pool is left that needs it"
                    )
        return found
