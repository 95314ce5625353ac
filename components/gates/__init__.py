"""Gates make `pulumi up` mean it: small resources that wait until the machines report what was asked.

They are resources and not hooks, because a gate that failed has to be tried again by the next `up`, and a failed hook is
not. What a gate waits for is decided in `verdicts` (pure), seen through `observed`, and waited for by `wait`. The
providers that the engine keeps in its state are stubs that call `checks`.
"""

from components.gates.resources import ApiReady, DiskTurn, EtcdMembership, ReplicaReady, ReplicaTurn

__all__ = ["ApiReady", "DiskTurn", "EtcdMembership", "ReplicaReady", "ReplicaTurn"]
