"""The kinds of gates: what each is called, what it looks at before which event, and how long it waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from components.config.pools import GATE_DEADLINE_SECONDS
from components.gates import looks
from components.gates.cluster_reader import ClusterReader
from components.gates.cluster_status import Verdict
from components.gates.looks import Props

Look = Callable[[ClusterReader, Props], Verdict]


@dataclass(frozen=True, slots=True)
class Gate:
    """`passes`: asked on create and update. `holds`: asked at each run; without it a gate asks only when its inputs change.
    `lets_go`: asked before its delete. `afterwards`: done once it has passed. `since`: an input that gates of release 0.1
    don't have.
    """

    title: Callable[[Props], str]
    deadline_seconds: float
    passes: Look | None = None
    holds: Look | None = None
    lets_go: Look | None = None
    waits_on_create: bool = True
    since: str = ""
    afterwards: Callable[[ClusterReader, Props], None] | None = None


GATES: Mapping[str, Gate] = {
    "alive": Gate(
        title=lambda props: f"{props['cluster']} goes on",
        deadline_seconds=60.0,
        holds=looks.not_ended,
        afterwards=looks.take_back_the_end,
    ),
    "end": Gate(title=lambda props: f"end of {props['cluster']}", deadline_seconds=60.0, lets_go=looks.end),
    "turn": Gate(
        title=lambda props: f"turn of {props['replica']}",
        deadline_seconds=300.0,
        passes=looks.turn,
        holds=looks.turn_is_over,
        since="instance",
    ),
    "disk-turn": Gate(
        title=lambda props: f"turn of {props['replica']}'s disk",
        deadline_seconds=300.0,
        passes=looks.disk_turn,
    ),
    "machine-guard": Gate(
        title=lambda props: f"{props['instance']} is kept",
        deadline_seconds=300.0,
        lets_go=looks.machine_guard,
    ),
    "data-guard": Gate(
        title=lambda props: f"{props['disk']} is kept", deadline_seconds=300.0, lets_go=looks.data_guard
    ),
    "ready": Gate(
        title=lambda props: f"{props['replica']} ready",
        deadline_seconds=900.0,
        passes=looks.ready,
        holds=looks.ready,
        waits_on_create=False,
        since="instance",
        afterwards=looks.release,
    ),
    "joined": Gate(
        title=lambda props: f"all of {', '.join(props['members'])} joined",
        deadline_seconds=1200.0,
        passes=looks.joined,
        holds=looks.joined,
        since="places",
    ),
    "left": Gate(
        title=lambda props: f"nobody but {', '.join(props['members'])} a member",
        deadline_seconds=900.0,
        passes=looks.left,
        holds=looks.left,
        since="places",
    ),
    "pools": Gate(
        title=lambda _: "pools as asked",
        deadline_seconds=GATE_DEADLINE_SECONDS,
        passes=looks.pools_told,
        holds=looks.pools,
    ),
    "pools-leave": Gate(
        title=lambda _: "all pools go",
        deadline_seconds=GATE_DEADLINE_SECONDS,
        lets_go=looks.pools_leave,
    ),
    "pool-guard": Gate(
        title=lambda props: f"{props['group']} is kept", deadline_seconds=900.0, lets_go=looks.pool_guard
    ),
    "services-leave": Gate(
        title=lambda _: "no load balancer of a Service's is left",
        deadline_seconds=120.0,
        lets_go=looks.services_leave,
    ),
    "api": Gate(title=lambda _: "API served", deadline_seconds=600.0, passes=looks.api, holds=looks.api),
}
"""By the `kind` that a gate's provider is pickled with. An unknown one is an error and never an open gate."""
