"""The agent: looks, asks the planner, takes at most one step, puts the pods right, and reports."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from node.agent import phase
from node.agent.etcd import leaving, wal
from node.agent.etcd.confirmed_cluster import ConfirmedCluster
from node.agent.etcd.etcdutl import Etcdutl
from node.agent.etcd.gateway import Gateway, client_context
from node.agent.etcd.observe import Observation, Observer, Own
from node.agent.etcd.peers import Peers
from node.agent.etcd.perform import REFUSALS, Performer
from node.agent.etcd.restorer import restored_from
from node.agent.etcd.snapshots import Snapshots
from node.agent.etcd.upkeep import Upkeep
from node.agent.kubernetes.apiserver_client import ApiserverClient
from node.agent.kubernetes.control_plane import ControlPlane
from node.agent.kubernetes.local_apiserver import Host, LocalHost
from node.agent.kubernetes.reencryption import Reencryption
from node.agent.kubernetes.static_pods import Pods
from node.agent.kubernetes.trust import Trust
from node.agent.kubernetes.versions_seen import Seen, versions
from node.agent.reporter import Reporter
from node.agent.workers.known import KnownPools
from node.contract.metadata import Machine
from node.contract.pools import Pools
from node.contract.status import DataDirectory, PoolsView, ReplicaStatus
from node.host import certificates, paths
from node.host.bucket import Bucket
from node.host.certificates import first_to_expire
from node.host.commands import Commands, LocalCommands
from node.host.files import under
from node.host.web import WebError
from node.manifests import etcd
from node.planner import maintenance
from node.planner.observed import Patience, Report
from node.planner.quorum import keeps_quorum_without
from node.planner.steps import Nothing, Restore, Step, Wait

BUSY_SECONDS, IDLE_SECONDS, NEWS_SECONDS = 1.0, 4.0, 2.0
RETRY_SECONDS = 3.0


class Agent:
    """One for a machine. `root` is `/`, `host` the machine itself and `patience` the planner's, but in tests."""

    def __init__(
        self,
        machine: Machine,
        bucket: Bucket,
        *,
        root: Path = Path("/"),
        host: Host | None = None,
        patience: Patience | None = None,
        say: Callable[[str], None] = print,
        commands: Commands | None = None,
    ) -> None:
        self._machine, self._next, self._root, self._patience = machine, machine, root, patience
        self._say_line, self._said, self._complaint = say, "", ""
        self._pods = Pods(root)
        self._confirmed = ConfirmedCluster(root)
        self._peers = Peers(bucket)
        self._observer = Observer(bucket, self._peers)
        etcdutl = Etcdutl(root, commands or LocalCommands())
        self._snapshots = Snapshots(bucket, root, etcdutl)
        self._performer = Performer(
            root, self._pods, bucket, self._snapshots, self._confirmed.remember, etcdutl
        )
        self._control_plane = ControlPlane(self._pods, host or LocalHost(root), root)
        self._reporter = Reporter(bucket, self._say)
        self._upkeep = Upkeep()
        self._reencryption = Reencryption(root)
        self._trust = Trust(root)
        self._known = KnownPools(root, say)
        self._standing: frozenset[str] | None = None
        self._pools_read: tuple[Pools, str] | None = None
        self._pools_problem = ""
        self._wanted: tuple[str, ...] = ()
        self._pools_view: Callable[[], PoolsView | None] = lambda: None
        self._versions_seen: Callable[[], Seen] = Seen
        self._wake, self._stopping = threading.Event(), threading.Event()

    def run(self) -> None:
        """Until `stop`. No look or step ends it: what goes wrong is reported, and tried again."""
        self._reporter.start()
        while not self._stopping.is_set():
            self._rest(self.tick())
        self._reporter.stop()

    @property
    def standing(self) -> frozenset[str] | None:
        """Identities that are members, shall be or may be; None unless this machine is beside etcd's leader and knows."""
        return self._standing

    @property
    def wanted(self) -> tuple[str, ...]:
        """Identities that shall be voters, as they were last read; none before that."""
        return self._wanted

    @property
    def pools(self) -> Pools | None:
        """As they were last read, also before this agent began; None: there are none."""
        return self._known.pools

    @property
    def pools_read(self) -> tuple[Pools, str] | None:
        """As this agent itself has read them, and of which generation; None: there are none, or they can't be read."""
        return self._pools_read

    @property
    def pools_problem(self) -> str:
        """Why they can't be read; empty where they can, and where there are none."""
        return self._pools_problem

    def report_pools(self, view: Callable[[], PoolsView | None]) -> None:
        """From now on the status says of pools what `view` tells, where there are any."""
        self._pools_view = view

    def report_versions(self, seen: Callable[[], Seen]) -> None:
        """From now on the status says of Kubernetes what `seen` tells."""
        self._versions_seen = seen

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()

    def leave(self, until: float) -> None:
        """Take this machine out of etcd if nobody wants it, by `until` (monotonic). After `run` has ended, in its thread."""
        placed = self._pods.placed(etcd.POD) is not None
        status = leaving.leave(
            self._next, self._root, self._observer, etcd_placed=placed, until=until, say=self._say
        )
        if status:
            self._reporter.tell(status)

    def reconfigure(self, machine: Machine) -> None:
        """From the next look on, this is the machine. Safe to call from another thread."""
        self._next, self._complaint = machine, ""
        self._wake.set()

    def complain(self, reason: str) -> None:
        """Why the metadata can't be followed, for the status; until `reconfigure`."""
        self._complaint = reason
        self._wake.set()

    def tick(self) -> float:
        """One look, at most one step. Seconds until the next look."""
        machine = self._machine = self._next
        now = time.monotonic()
        done = reason = ""
        try:
            data = wal.directory(under(self._root, paths.ETCD_DATA))
            gateway = Gateway(client_context(under(self._root, paths.SECRETS)))
        except (wal.UnreadableDataError, OSError) as error:
            self._fail(machine, str(error))
            return RETRY_SECONDS
        own = Own(
            Report(data, self._control_plane.drained),
            self._pods.placed(etcd.POD) is not None,
            restored_from(self._root, data.cluster_id),
        )
        look = self._observer.look(machine, own, gateway, now)
        members = look.desired.members
        if members and members.cluster != machine.cluster:
            self._fail(machine, f"metadata says cluster {machine.cluster!r}, the list {members.cluster!r}")
            return RETRY_SECONDS
        self._wanted = members.names() if members else self._wanted
        step = phase.plan(look.desired, look.members, look.health, self._patience)
        if isinstance(step, Wait | Nothing):
            reason = step.reason
        leads = look.view is not None and look.health.leader == machine.replica
        if not leads:
            self._reencryption.forget()
        try:
            if leads:
                self._peers.publish(machine.cluster, look.members or ())
            done = self._performer.perform(step, machine, look, gateway)
            if isinstance(step, Restore):
                reason = done
            if leads and reason and self._snapshots.due(machine, look.view, now):
                done = f"saves {self._snapshots.take(machine, gateway, look.view, now, read=True)}"
                if members:  # Only where it is known which snapshot a restore names.
                    restore = look.desired.restore
                    self._snapshots.tidy(machine, {restore.source.snapshot} if restore else ())
            if leads and reason and not done:
                done = self._upkeep.tend(machine, look, gateway, now)
            if leads and reason and not done and self._control_plane.ready:
                asked = partial(ApiserverClient, machine, self._root)
                done = self._reencryption.tend(machine, gateway, asked, now)
        except (*REFUSALS, WebError, OSError) as error:
            reason = f"{type(step).__name__}: {error}"
        self._known.follow(machine, look.pools, look.pools_problem)
        self._pools_problem = look.pools_problem
        self._pools_read = (look.pools, look.pools_generation) if look.pools else None
        situation = self._settle(machine, look, step, now)
        self._standing = phase.standing(situation)
        self._report(machine, situation, look, reason)
        self._say(done or reason)
        if done:
            return 0.1
        return IDLE_SECONDS if isinstance(step, Nothing) and self._control_plane.settled else BUSY_SECONDS

    def _settle(self, machine: Machine, look: Observation, step: Step, now: float) -> phase.Situation:
        """The machine's own pods after the step: etcd's flags as configured, and the control plane in or out of service."""
        formed = self._confirmed.formed(look.health.marker, look.health.marker_problem)
        situation = phase.Situation(
            me=machine.replica,
            step=step,
            desired=look.desired,
            members=look.members,
            health=look.health,
            formed=formed,
            draining=self._control_plane.draining,
        )
        situation = replace(situation, draining=phase.must_drain(situation))
        etcd_follows = True
        if phase.is_gone(situation):
            self._pods.remove(etcd.POD)
        else:
            etcd_follows = self._update_etcd(machine, look)
        control_plane = self._control_plane
        control_plane.settle(
            machine,
            phase.belongs(situation),
            draining=situation.draining,
            now=now,
            etcd_follows=etcd_follows,
        )
        return replace(situation, ready=control_plane.ready, served=control_plane.served)

    @property
    def machine(self) -> Machine:
        """As the metadata were last followed."""
        return self._next

    def _runs(self, machine: Machine) -> bool:
        """Whether every process, etcd's too, was started as the configuration has it."""
        return self._pods.placed(etcd.POD) is not None and self._control_plane.runs(machine)

    def _update_etcd(self, machine: Machine, look: Observation) -> bool:
        """Returns whether etcd's pod is as the configuration has it, or there is none.

        New flags restart etcd, so they wait until the others can go on without it. Of two that are well neither ever
        can, as of one: there etcd is away for as long as a process takes to start, and the machines' gates, which open
        only for who follows, keep the other one waiting.
        """
        pod = self._pods.placed(etcd.POD)
        if pod is None or pod == (wanted := etcd.etcd_pod(machine, etcd.Beginning.of_pod(pod))):
            return True
        members = look.view.members if look.view else ()
        voters = [each for each in members if each.role == "voter"]
        alone = [each.name for each in voters] == [machine.replica]
        two = len(voters) == 2 and all(each.healthy for each in voters)
        if not (alone or two or not members or keeps_quorum_without(members, machine.replica)):
            return False
        self._pods.place(wanted)
        return True

    def _report(self, machine: Machine, situation: phase.Situation, look: Observation, reason: str) -> None:
        told = phase.phase_of(situation)
        well = told == "serving" and situation.ready and isinstance(situation.step, Nothing)
        database = look.databases.of.get(situation.data.member_id)
        full = maintenance.warning(database, refuses_writes=bool(look.databases.nospace))
        first = first_to_expire(under(self._root, paths.SECRETS))
        old = certificates.warning(first, datetime.now(UTC))
        seen, own = self._versions_seen(), look.etcd
        ill = self._control_plane.trouble if told == "serving" else ""
        said = [self._complaint or ("" if well else reason), ill, full, old]
        self._reporter.tell(
            ReplicaStatus(
                cluster=machine.cluster,
                replica=machine.replica,
                instance_id=machine.instance_id,
                config_hash=self._control_plane.running_hash,
                phase=told,
                reason="; ".join(each for each in said if each),
                apiserver_ready=situation.ready,
                data_directory=situation.data,
                drained=self._control_plane.drained,
                etcd=look.view,
                observed=look.observed,
                applied_hash=self._control_plane.applied_hash,
                database=database,
                certificates=first,
                backup=self._snapshots.backup,
                encryption=self._reencryption.counted,
                authorities=self._trust.look(machine, partial(self._runs, machine)),
                pools=self._pools_view(),
                versions=versions(seen, own.version if own else "", own.data if own else ""),
                deprecated=seen.deprecated,
            )
        )

    def _fail(self, machine: Machine, reason: str) -> None:
        self._say(reason)
        self._reporter.tell(
            ReplicaStatus(
                machine.cluster,
                machine.replica,
                machine.instance_id,
                self._control_plane.running_hash,
                "failed",
                self._complaint or reason,
                data_directory=DataDirectory(),
                certificates=first_to_expire(under(self._root, paths.SECRETS)),
            )
        )

    def _rest(self, seconds: float) -> None:
        """Until then, or until there is news: another list, other metadata, the end."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if self._wake.wait(min(left, NEWS_SECONDS)):
                self._wake.clear()
                return
            if left > NEWS_SECONDS and self._observer.news():
                return

    def _say(self, line: str) -> None:
        if line and line != self._said:
            self._said = line
            self._say_line(f"{self._machine.replica}: {line}")
