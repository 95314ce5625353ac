"""What becomes of add-ons where there is no way to the API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import pulumi

from components.addons import way
from components.waiting import waits_for


def skips(
    url: pulumi.Output[str],
    authority: pulumi.Output[str],
    after: pulumi.CustomResource,
    *,
    same: bool,
    programs: bool,
) -> pulumi.Output[str]:
    """Returns whether the provider shall leave out what it has no way for, which it needs to do while the engine refreshes.

    It then takes the last inputs for the new ones (`Check` in provider.go), so a preview without a way would show no change,
    and show none to policies; there it is told not to, and compares with the state. An update without a way fails, unless it
    has nothing to bring.
    """
    if pulumi.runtime.is_dry_run():
        return pulumi.Output.all(url, authority).apply(_off_the_loop(partial(_previewed, same=same)))
    unchanged = same and not programs
    asked = pulumi.Output.all(url, authority, waits_for(after))
    return asked.apply(_off_the_loop(partial(_updated, unchanged=unchanged)))


def _off_the_loop(function: Callable[..., str]) -> Callable[[Sequence[Any]], Awaitable[str]]:
    async def run(known: Sequence[Any]) -> str:
        return await asyncio.to_thread(function, *known)

    return run


def _previewed(url: str, authority: str, *, same: bool) -> str:
    why_not = way.look(url, authority)
    if why_not:
        pulumi.log.warn(
            f"No way from here to the API at {url} ({why_not}): Kubernetes isn't asked about the add-ons. "
            "What is shown of them compares with this stack's last update."
        )
    return "false" if why_not and not same else "true"


def _updated(url: str, authority: str, _after: object, *, unchanged: bool) -> str:
    why_not = way.look(url, authority) if unchanged else way.wait(url, authority)
    if not why_not:
        return "true"
    if not unchanged:
        raise pulumi.RunError(
            f"No way from here to the API at {url} ({why_not}): the add-ons wait. The masters have had their turns. Run "
            "`pulumi up` again where the API can be reached: from a network of api.authorizedNetworks, or inside its own."
        )
    pulumi.log.warn(
        f"No way from here to the API at {url} ({why_not}): the add-ons, which stay as they are, weren't looked at."
    )
    return "true"
