"""When a gate may open: functions of what the machines report, without any I/O.

A reason is written for the person who waits: it names the replica, what is seen and what is missing. What isn't understood
keeps a gate closed and says so; it is never taken for all being well.
"""

from components.gates.cluster_status import OPEN, Claim, ClusterStatus, Verdict
from components.gates.verdicts.membership import joined, left
from components.gates.verdicts.pools import pool_guard, pools_settled
from components.gates.verdicts.services import services_leave
from components.gates.verdicts.serving import api, ready
from components.gates.verdicts.taking_down import (
    claimed_by_another,
    data_guard,
    disk_turn,
    is_gone,
    machine_guard,
    turn,
)

__all__ = [
    "OPEN",
    "Claim",
    "ClusterStatus",
    "Verdict",
    "api",
    "claimed_by_another",
    "data_guard",
    "disk_turn",
    "is_gone",
    "joined",
    "left",
    "machine_guard",
    "pool_guard",
    "pools_settled",
    "ready",
    "services_leave",
    "turn",
]
