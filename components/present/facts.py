"""The present as plain values: what a look at the bucket and at Compute Engine has brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from node.contract import timings
from node.contract.status import EtcdView, ReplicaStatus

RUNNING = "RUNNING"


class Placed(Protocol):
    """A master and its zone, which is all that it takes to ask for it."""

    @property
    def identity(self) -> str: ...
    @property
    def zone(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Report:
    """A master's own word, and how long ago it was written by the storage server's clock.

    `status` is None where another release wrote it, in a way that this one does not understand.
    """

    age_seconds: float
    status: ReplicaStatus | None

    @property
    def fresh(self) -> bool:
        return self.age_seconds <= timings.STATUS_FRESH


@dataclass(frozen=True, slots=True)
class Master:
    """One master whose machine stands in the stack's state.

    `machine` is Google's word on the VM (`RUNNING`, `TERMINATED`, …), empty where there is none, None where it could not
    be asked. `grouped` and `health` are None where there is no load balancer, or it could not be asked.
    """

    identity: str
    machine: str | None = None
    report: Report | None = None
    grouped: bool | None = None
    health: str | None = None

    @property
    def down(self) -> bool:
        """Its machine is known not to run."""
        return self.machine is not None and self.machine != RUNNING

    @property
    def status(self) -> ReplicaStatus | None:
        """What it reports of itself, if it did so just now."""
        return self.report.status if self.report and self.report.fresh else None


@dataclass(frozen=True, slots=True)
class Present:
    """A cluster at one moment. `unasked` says what could not be seen, and why; such things are never taken to be well."""

    at: datetime
    masters: tuple[Master, ...]
    unasked: tuple[str, ...] = ()

    @property
    def leader(self) -> ReplicaStatus | None:
        """The fresh status of the master beside etcd's leader: the view that counts."""
        for master in self.masters:
            status = master.status
            if status and status.etcd and status.etcd.leader == status.replica and not master.down:
                return status
        return None

    @property
    def last_view(self) -> EtcdView | None:
        """The newest view of etcd that any master has written, however long ago."""
        views = [
            (master.report.age_seconds, master.report.status.etcd)
            for master in self.masters
            if master.report and master.report.status and master.report.status.etcd
        ]
        return min(views, key=lambda view: view[0])[1] if views else None


@dataclass(frozen=True, slots=True)
class Unseen:
    """The cluster's bucket could not be read: nothing is known."""

    reason: str
