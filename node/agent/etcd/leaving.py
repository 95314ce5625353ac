"""A machine that shuts down leaves etcd first, if nobody wants it. `node.planner.leaving` decides, this module acts.

Only where the whole machine stops: an agent that merely restarts leaves nothing. Google waits 90 s between the
power button and the cut, and systemd stops the agent before all else of ours (its unit stands after the kubelet's and
containerd's), so etcd still runs meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from node.agent.etcd import wal
from node.agent.etcd.gateway import EtcdError, Gateway, client_context
from node.agent.etcd.observe import Observation, Observer, Own
from node.contract import timings
from node.contract.metadata import Machine
from node.contract.peers import host_of
from node.contract.status import ReplicaStatus
from node.host import paths
from node.host.commands import Commands, MachineError
from node.host.files import under
from node.planner.leaving import departure
from node.planner.observed import Report
from node.planner.steps import MoveLeader, Nothing, Remove, Step
from node.planner.view import View

_AGAIN_SECONDS = 1.0
_NOT_RUNNING = (1,)  # systemctl(1), is-system-running: starting, stopping, degraded


def machine_stops(commands: Commands, say: Callable[[str], None]) -> bool:
    """Returns whether the agent ends because its machine does. Yes where that can't be told: leaving then does no lasting
    harm, for nobody wants a machine that leaves.
    """
    try:
        _, said = commands.run("systemctl", "is-system-running", allow=_NOT_RUNNING, seconds=5)
    except MachineError as error:
        say(f"can't tell whether the machine stops, and takes it that it does: {error}")
        return True
    return said.strip() == "stopping"


def leave(
    machine: Machine,
    root: Path,
    observer: Observer,
    *,
    etcd_placed: bool,
    until: float,
    say: Callable[[str], None],
) -> ReplicaStatus | None:
    """Returns the last status of a machine that has left; None for one that stays a member, or never was one.

    Ends by `until`, a monotonic time, and says why if it hasn't left by then. The caller's loop must not run any more.
    """
    left = said = ""
    while True:
        step: Step | None = None
        try:
            report = Report(wal.directory(under(root, paths.ETCD_DATA)))
            gateway = Gateway(client_context(under(root, paths.SECRETS)))
            look = observer.look(machine, Own(report, etcd_placed), gateway, time.monotonic())
            step = departure(look.desired, look.members, look.health)
            reason = _perform(step, machine, look, gateway) or getattr(step, "reason", "")
        except (EtcdError, wal.UnreadableDataError, OSError) as error:
            reason = str(error)
        if isinstance(step, Remove):
            left = f"left etcd: {step.reason}"
        if reason != said:
            say(said := reason)
        if isinstance(step, Nothing):
            return _farewell(machine, look, left) if left else None
        if time.monotonic() + _AGAIN_SECONDS > until:
            say(f"stops without having left etcd: it waited {timings.LEAVE:.0f} s; {reason}")
            return None
        time.sleep(0 if isinstance(step, MoveLeader | Remove) else _AGAIN_SECONDS)


def _perform(step: Step, machine: Machine, look: Observation, gateway: Gateway) -> str:
    """Returns in words what was done; the next look shows the result. It takes no snapshot first: there is no time."""
    match step:
        case MoveLeader(member_id=member_id, name=name):
            gateway.move_leader(machine.address, member_id)
            return f"moves leadership to {name}, for its machine stops"
        case Remove(member_id=member_id):
            gateway.remove(_address_of_another(look, member_id), member_id)
            return f"leaves etcd: {step.reason}"
    return ""


def _address_of_another(look: Observation, member_id: str) -> str:
    """A member that removes itself may end before it has answered, so a healthy voter that stays is asked to do it."""
    view = View.of(look.desired, look.members, look.health)
    others = [each for each in view.voters if each.id != member_id and view.healthy(each)]
    leading = [each for each in others if view.name(each) == look.health.leader]
    return host_of((leading or others)[0].peer_url)


def _farewell(machine: Machine, look: Observation, reason: str) -> ReplicaStatus:
    return ReplicaStatus(
        cluster=machine.cluster,
        replica=machine.replica,
        instance_id=machine.instance_id,
        config_hash=machine.config_hash,
        phase="gone",
        reason=reason,
        data_directory=look.health.reports[machine.replica].data,
        drained=True,
        etcd=look.view,
        observed=look.observed,
    )
