"""An order that the update keeps and the state doesn't."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi


def waits_for(resource: pulumi.Resource) -> pulumi.Output[pulumi.Resource]:
    """Returns what is given to `depends_on` so that a resource is registered once `resource` has been made or changed, or
    never if that fails; the state doesn't learn that the one stands on the other.

    Where much waits for much it mustn't: after a delete that failed, the engine walks every path of recorded dependencies
    (`markAsDependency` in its dependency_graph.go, as of v3.259, remembers none). Each master that waits for the one before
    it made them sixteen times as many: a minute for three masters, hours for five. Each object of an add-on added all of
    these once more.
    """

    async def done() -> Any:
        """Of no resource: what the SDK is given here it would record."""
        await resource.urn.future()

    known: asyncio.Future[bool] = asyncio.Future()
    known.set_result(True)
    return pulumi.Output(resources=set(), future=asyncio.ensure_future(done()), is_known=known)
