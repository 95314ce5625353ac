"""Whether masters serve, each and behind the API's address."""

from __future__ import annotations

from collections.abc import Sequence

from components.gates.cluster_status import OPEN, ClusterStatus, Verdict
from components.gates.verdicts.wording import are, because
from components.wording import listed


def ready(
    seen: ClusterStatus, replica: str, instance_id: str, config_hash: str, *, quorum_was_lost: bool = False
) -> Verdict:
    """Does this very machine serve, with this very configuration?

    `quorum_was_lost`: before this update began. Then nobody serves until enough machines have what this update brings, such
    as certificates in place of those that have expired; so one that has applied its configuration lets the next one do so.
    """
    verdict = serves(seen, replica, instance_id, config_hash)
    status = seen.fresh.get(replica)
    if verdict.open or not quorum_was_lost or status is None or seen.leader is not None:
        return verdict
    if status.instance_id == instance_id and status.applied_hash == config_hash:
        return Verdict(
            True,
            f"{replica} has its configuration and serves once etcd has a quorum again: going on to the next",
        )
    return verdict


def api(seen: ClusterStatus, replicas: Sequence[str], *, balanced: bool = False) -> Verdict:
    """Opens when all replicas answer where the rule points. `seen.health` is the load balancer's word, where there is one,
    by instance: it says nothing at first, and nothing of who has just joined.
    """
    for name in replicas:
        status = seen.fresh.get(name)
        if status is None or not status.apiserver_ready:
            return Verdict(False, f"the apiserver of {name} is not ready{because(status)}")
        if status.database and "NOSPACE" in status.database.alarms:
            return Verdict(False, f"nothing can be written{because(status)}")
    ill = sorted(name for name, state in seen.health.items() if state != "HEALTHY")
    if ill:
        return Verdict(False, f"the load balancer's health check doesn't see {are(ill)} healthy yet")
    unknown = [name for name in replicas if not any(each.endswith(f"-{name}") for each in seen.health)]
    if balanced and unknown:
        return Verdict(False, f"the load balancer's health check has not looked at {listed(unknown)} yet")
    return OPEN


def serves(seen: ClusterStatus, replica: str, instance_id: str, config_hash: str) -> Verdict:
    status = seen.fresh.get(replica)
    if seen.is_off(replica):
        machine = seen.machines[replica]
        return Verdict(False, f"the machine of {replica} is {machine.status if machine else 'not there'}")
    if status is None:
        return Verdict(False, f"{replica} {seen.silence(replica)}")
    if instance_id and status.instance_id != instance_id:
        return Verdict(False, f"the new machine of {replica} has not reported yet")
    if _wrote_before_its_start(seen, replica):
        return Verdict(False, f"{replica} has not reported since its machine was started")
    if status.phase != "serving":
        return Verdict(False, f"{replica} is {status.phase}{because(status)}")
    if config_hash and status.config_hash != config_hash:
        return Verdict(False, f"{replica} still runs its former configuration{because(status)}")
    return OPEN


def _wrote_before_its_start(seen: ClusterStatus, replica: str) -> bool:
    """A machine that was stopped and started within half a minute still has a fresh status of its former life."""
    machine, written = seen.machines.get(replica), seen.written.get(replica)
    return bool(machine and machine.started and written and written < machine.started)
