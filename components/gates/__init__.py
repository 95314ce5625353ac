"""Gates make `pulumi up` mean it: small resources that wait until the machines report what was asked, and guards that keep
what etcd still needs.

They are resources and not hooks, because a gate that failed has to be tried again by the next `up`, and a failed hook is
not. `table` has a row for each. What a gate waits for is decided in `verdicts` (pure), read by `cluster_reader`, and
waited for by `wait`. The providers that the engine keeps in its state are stubs that call `checks`.
docs/decisions/0009-gates-ask-for-the-truth.md says why each asks anew in every run.
"""

from components.gates.pools import PoolGuard, PoolsLeave, PoolsSettled
from components.gates.resources import (
    ApiReady,
    ClusterAlive,
    ClusterEnd,
    DataGuard,
    DiskTurn,
    EtcdMembership,
    MachineGuard,
    ReplicaReady,
    ReplicaTurn,
    Site,
)
from components.gates.services import ServicesLeave

__all__ = [
    "ApiReady",
    "ClusterAlive",
    "ClusterEnd",
    "DataGuard",
    "DiskTurn",
    "EtcdMembership",
    "MachineGuard",
    "PoolGuard",
    "PoolsLeave",
    "PoolsSettled",
    "ReplicaReady",
    "ReplicaTurn",
    "ServicesLeave",
    "Site",
]
