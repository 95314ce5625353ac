"""The base add-ons rest while the last workers leave, and what nobody asks for any more ends, on the leader's machine: one
of them that was turned off, all of them with the last pool.

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
    if wanted.get("kind") == "Deployment" and is_base(wanted):
        return wanted | {"spec": wanted["spec"] | {"replicas": 0}}
    return wanted


def is_base(wanted: Object) -> bool:
    return LABEL in ((wanted.get("metadata") or {}).get("labels") or {})


class Client(Protocol):
    """What is asked of the API server."""

    def get(self, path: str, *, metadata_only: bool = False) -> Object | None: ...

    def delete(self, path: str) -> None: ...


class Pruning:
    """Remembers that nothing is left to delete, so that the API is asked a few times after each change and at an agent's
    start.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._quiet, self._wanted = say, 0, frozenset[str]()

    def look(self, client: Client, *, wanted: frozenset[str] | None, leads: bool) -> None:
        """Once. `wanted` are the paths of what is asked for; None where that isn't known now. Raises WebError."""
        if wanted is None:
            return
        if wanted != self._wanted:
            self._wanted, self._quiet = wanted, 0
        if leads and self._quiet < QUIET_LOOKS:
            self._quiet = 0 if self._end(client) else self._quiet + 1

    def _end(self, client: Client) -> bool:
        """Returns whether there was anything to delete."""
        found = False
        for place in PLACES:
            listed = client.get(f"{place}?labelSelector={quote(LABEL)}", metadata_only=True) or {}
            for each in listed.get("items") or ():
                metadata = each["metadata"]
                name, path = metadata["name"], f"{place}/{metadata['name']}"
                if path not in self._wanted and name in NAMES and LABEL in (metadata.get("labels") or {}):
                    found = True
                    client.delete(path)
                    self._say(f"deletes {place.rpartition('/')[2]} {name}: nobody asks for it any more")
        return found
