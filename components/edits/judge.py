"""The verdict on an edit as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from components.config import StackConfig
from components.edits import (
    addons,
    authorities,
    cloud_controller,
    disks,
    encryption,
    fixed,
    internal,
    machines,
    metrics_server,
    pools,
    runtime,
    told,
    users,
    versions,
)
from components.edits.findings import NOTHING, Findings
from components.google.balancer import Balancer
from components.standing.facts import Standing


def judge(
    standing: Standing,
    config: StackConfig,
    *,
    agent: str = "",
    now: datetime | None = None,
    balancers: Sequence[Balancer] | None = None,
) -> Findings:
    """Returns everything about `config` that what stands can't take, and what the rest costs.

    `agent` is the sha256 of this release's agent and `now` the time that certificates end by; without them nothing is said
    of either. `balancers` are load balancers of Services, asked for where they may be in the way. A control plane of which
    no machine and no disk stands can become anything.
    """
    if not standing.lives:
        return NOTHING
    found = fixed.names_and_place(standing, config)
    if found.refusals:  # Everything else would follow from it.
        return found
    found += versions.versions(standing, config)
    found += fixed.network(standing, config)
    found += fixed.port(standing, config)
    found += fixed.address(standing, config)
    found += internal.internal(standing, config)
    found += told.api(standing, config)
    found += encryption.encryption_keys(standing, config)
    found += users.users(standing, config)
    found += machines.machines(standing, config)
    found += disks.disks(standing, config)
    found += told.settings(standing, config)
    found += runtime.runtime(standing, config)
    found += pools.pools(standing, config)
    found += cloud_controller.cloud_controller(standing, config, balancers)
    found += metrics_server.metrics_server(standing, config)
    found += addons.addons(standing, config)
    found += authorities.authorities(standing, config)
    found += told.release(standing, config, agent)
    return found + told.certificates(standing, config, now or datetime.min.replace(tzinfo=UTC))
