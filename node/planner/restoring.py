"""A restore, as one machine plans it: whose turn it is, and what stands in the way. Pure, as `node.planner.plan` is.

- Without a request nothing is ever restored, and a request that the marker knows as done is no request.
- The founder begins by a claim on the marker, so there is one founder; a claim that is lost means: look again.
- While a quorum lives that the request doesn't name, nothing is begun, and the cluster goes on as if nobody had asked.
- Once it is claimed, only what comes of it counts: the others stop their etcd with its data as it is, and join when the
  new cluster has formed. A request that was taken back by then is done all the same: the former cluster is given up.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.restore import Restore, Source
from node.contract.status import DataDirectory
from node.planner.observed import Desired, Health
from node.planner.steps import Restore as RestoreStep
from node.planner.steps import StandBack, Step, Wait
from node.planner.view import View

GUIDE = "docs/guides/restore.md"


@dataclass(frozen=True)
class Restoring:
    """A restore as the replica `me` meets it."""

    me: str
    health: Health
    view: View
    request: Restore | None
    """What is asked for and not done."""

    @classmethod
    def of(cls, desired: Desired, health: Health, view: View) -> Restoring:
        marker, request = health.marker, desired.restore
        done = marker is not None and request is not None and marker.done(request.id) is not None
        return cls(health.local, health, view, None if done else request)

    def step(self, data: DataDirectory) -> Step | None:
        """Returns None where the machine goes on as if nobody had asked."""
        request, claim = self.request, self._claim
        if request and (claim is None or claim.restoring != request.id):
            if request.founder == self.me and self.me in self.view.wanted:
                return self._begin(request, data)
            if claim is None:
                return self._keeps_from_founding(request, data)
        if claim is None:
            return None
        mine = claim.claimed_by == self.me and self.me in self.view.wanted
        if mine and (request is None or claim.restoring == request.id):
            return (
                None
                if self.health.disk_restored == claim.restoring
                else RestoreStep(self.me, claim.restoring)
            )
        if claim.claimed_by not in self.view.wanted:
            if request and request.founder == self.me and self.me in self.view.wanted:
                return RestoreStep(self.me, request.id)
            if request is None:
                return self._stand_back(
                    f"{claim.claimed_by} began to restore {Source.of(claim.restoring)} and is off the list: "
                    "ask for a restore again, and another replica will do it"
                )
        founder = request.founder if request else claim.claimed_by
        return self._stand_back(f"{founder} restores the cluster from {Source.of(claim.restoring)}")

    def refusal(self) -> str:
        """Returns why the request isn't begun although it is this machine's; empty where it may be."""
        request = self.request
        if request is None or request.founder != self.me or self._claim is not None:
            return ""
        living = self._living() - {request.over_quorum}
        if not living:
            return ""
        return (
            f"nothing is restored from {request.source}: a quorum of cluster {', '.join(sorted(living))} lives. Take the "
            f"request out of the config, or see {GUIDE}"
        )

    @property
    def _claim(self) -> BootstrapMarker | None:
        marker = self.health.marker
        return marker if marker and marker.restoring else None

    def _begin(self, request: Restore, data: DataDirectory) -> Step | None:
        if self.refusal():
            return None
        survivor = request.source.survivor
        if not survivor:
            return RestoreStep(self.me, request.id)
        if data.state != "member":
            return Wait(
                self.me, f"the data disk of {survivor} is blank: restore a snapshot instead, see {GUIDE}"
            )
        marker = self.health.marker
        if marker and marker.formed and marker.cluster_id != data.cluster_id:
            return Wait(
                self.me,
                f"the disk of {survivor} is of cluster {data.cluster_id}, not {marker.cluster_id}: restore a snapshot "
                f"instead, see {GUIDE}",
            )
        return RestoreStep(self.me, request.id)

    def _keeps_from_founding(self, request: Restore, data: DataDirectory) -> Step | None:
        """A blank disk that comes first must not found a cluster that is to be restored."""
        marker = self.health.marker
        if data.state == "blank" and (marker is None or not marker.formed):
            return Wait(self.me, f"{request.founder} is to restore the cluster from {request.source}")
        return None

    def _living(self) -> set[str]:
        """Clusters of which a quorum speaks, as far as this machine can see or read."""
        living = {report.quorum_of for name, report in self.health.reports.items() if name != self.me}
        if self.view.members and self.view.has_quorum():
            living.add(self.health.cluster_id)
        return living - {""}

    def _stand_back(self, reason: str) -> Step:
        return StandBack(self.me, reason) if self.health.etcd_running else Wait(self.me, reason)
