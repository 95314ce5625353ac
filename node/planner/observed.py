"""What the planner receives: the desired state, etcd's members, everyone's health. The agent gathers it.

How to gather it, for the planner's promises depend on it:
- `EtcdMember`s come from a *linearizable* member list of any etcd that answers; where none can answer
  linearizably, the last known list with nobody healthy, or None if nothing is known.
- Health is measured by asking each member, now, over the network; never read from a status.
- A `Report` is a *fresh* status (30 s by the storage server's own clock) of another replica, or what this
  machine knows of itself. A fresh one that can't be read counts too, as such: its machine lives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.desired import Members, Retained
from node.contract.restore import Restore
from node.contract.status import DataDirectory, Role


@dataclass(frozen=True)
class Desired:
    """The desired objects as read. `members` is None when its object is absent or unreadable, and `problem`
    then says why.

    `retained` None (absent, as before the first update has finished) only keeps healthy members from
    leaving.
    """

    members: Members | None
    retained: Retained | None = None
    problem: str = ""
    restore: Restore | None = None


@dataclass(frozen=True)
class EtcdMember:
    """A line of etcd's member list. `name` is empty until the member has started once; its peer URL tells
    whose it is.
    """

    id: str
    name: str
    peer_url: str
    role: Role
    started: bool


@dataclass(frozen=True)
class MemberHealth:
    """`unhealthy_seconds`: for how long this observer has seen it fail, since it last started at most.
    `lag`: raft entries it is behind the leader.
    """

    healthy: bool
    unhealthy_seconds: float = 0.0
    lag: int = 0


@dataclass(frozen=True)
class Report:
    """A replica on its own disk and service. `age_seconds`: since written; 0 for this machine's own.

    `quorum_of` is the id of the cluster whose leader and members it sees a quorum agree on; empty while it sees none.
    Not `readable`: it is no status that this release understands, and nothing is known but that its machine writes.
    """

    data: DataDirectory
    drained: bool = False
    age_seconds: float = 0.0
    readable: bool = True
    quorum_of: str = ""


@dataclass(frozen=True)
class Health:
    """The world around one agent.

    `local` is the identity of its replica; `etcd_running`, whether its etcd process is up; `leader`, the
    name of etcd's leader, empty if there is none; `members` by member id (absent means unhealthy); `reports`
    by identity, with `local`'s own always in it; `silent`, for how many seconds those without a fresh report
    haven't written one, as far as that is known; `marker` None means that the bucket was read and holds
    none, `marker_problem` that it couldn't be read. `disk_restored` is the id of the request that this
    machine's data came of; empty for data that grew here.
    """

    local: str
    reports: Mapping[str, Report]
    leader: str = ""
    members: Mapping[str, MemberHealth] = field(default_factory=dict)
    marker: BootstrapMarker | None = None
    marker_problem: str = ""
    etcd_running: bool = False
    cluster_id: str = ""
    silent: Mapping[str, float] = field(default_factory=dict)
    disk_restored: str = ""


@dataclass(frozen=True)
class Patience:
    """Seconds before the planner gives up on a member, and how far behind (raft entries) a learner may be promoted.

    `blip`: an unwanted member is unhealthy for so long before it goes early. `learner`: a learner may fail
    for so long while another replica waits for its slot. `failed`: a wanted voter may fail for so long while
    another replica waits to join (etcd refuses to add anyone beside a voter that is down). Nobody who is
    wanted is ever removed without someone waiting: a voter that is down costs nothing that its removal would
    give back, and can return with its data. `silent`: a healthy member that is to leave has so long to say that
    it is drained, if its machine says nothing at all; its apiserver then ends with requests under way.
    """

    blip: float = 10.0
    learner: float = 120.0
    failed: float = 300.0
    silent: float = 120.0
    lag: int = 1000
