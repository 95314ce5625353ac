"""Gathers what the planner receives (`node.planner.observed`): desired state, members, health, reports, marker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from node.agent.etcd.failing_since import FailingSince
from node.agent.etcd.gateway import EtcdError, Gateway, MemberList, MemberStatus
from node.agent.etcd.peers import Peers
from node.agent.reports import Reports
from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.bucket_layout import MARKER, MEMBERS, POOLS, RESTORE, RETAINED
from node.contract.desired import Members, Retained
from node.contract.fields import FormatError
from node.contract.metadata import Machine
from node.contract.peers import host_of
from node.contract.pools import Pools
from node.contract.restore import Restore
from node.contract.status import Database, EtcdView, MemberView, Observed
from node.host.bucket import Bucket, Text
from node.host.web import WebError
from node.planner.maintenance import NOSPACE, Databases
from node.planner.observed import Desired, EtcdMember, Health, MemberHealth, Report


@dataclass(frozen=True)
class Own:
    """What the agent knows of its own machine. `etcd_placed`: the kubelet was told to run etcd. `restored`: the request that
    its data came of, if any.
    """

    report: Report
    etcd_placed: bool
    restored: str = ""


@dataclass(frozen=True)
class Observation:
    """One look at everything. `marker_generation` is "0" where there is no marker. `pools` None are none, but where
    `pools_problem` says why they can't be read: then nobody knows.
    """

    desired: Desired
    members: tuple[EtcdMember, ...] | None
    health: Health
    marker_generation: str
    observed: Observed
    view: EtcdView | None
    databases: Databases = field(default_factory=lambda: Databases({}))
    pools: Pools | None = None
    pools_problem: str = ""
    pools_generation: str = ""
    etcd: MemberStatus | None = None
    """This machine's own etcd, by its word."""


class Observer:
    """Keeps what was read, so that only news is fetched. Not for two threads, but for `news`."""

    def __init__(self, bucket: Bucket, peers: Peers) -> None:
        self._bucket = bucket
        self._texts: dict[str, Text | None] = {}
        self._reports = Reports(bucket)
        self._members: tuple[EtcdMember, ...] | None = None
        self._failing = FailingSince()
        self._peers = peers
        self._ask = ThreadPoolExecutor(max_workers=16, thread_name_prefix="ask")

    def news(self) -> bool:
        """Returns whether the desired state differs from the last look, by small requests."""
        try:
            return any(self._bucket.read(name, known) is not known for name, known in self._known())
        except WebError:
            return False

    def look(self, machine: Machine, own: Own, gateway: Gateway, now: float) -> Observation:
        """Never raises for what others do or don't do: that becomes a problem in what the planner receives."""
        desired = self._desired()
        marker, problem = self._marker()
        named = [each.name for each in self._members or () if each.name]
        reports, silent = self._reports.read(machine.replica, named, now)
        reports[machine.replica] = own.report
        expected = marker.cluster_id if marker and marker.formed else own.report.data.cluster_id
        statuses, listed = self._etcd(machine, own, desired, gateway, expected)
        if listed:
            self._members = listed.members
        members = self._members or ()
        healthy = {each.member_id for each in statuses if each.healthy} if listed else set()
        seconds = self._failing.note(now, {each.id: each.started for each in members}, healthy)
        health = Health(
            local=machine.replica,
            reports=reports,
            leader=_leader(statuses, members) if listed else "",
            members=_healths(members, statuses, healthy, seconds),
            marker=marker,
            marker_problem=problem,
            etcd_running=own.etcd_placed,
            cluster_id=listed.cluster_id if listed else "",
            disk_restored=own.restored,
            silent=silent,
        )
        marker_text = self._texts.get(MARKER)
        pools, pools_problem = self._pools(machine.cluster)
        return Observation(
            desired=desired,
            members=self._members,
            health=health,
            marker_generation=marker_text.generation if marker_text else "0",
            observed=Observed(self._generation(MEMBERS), self._generation(RETAINED)),
            view=_view(listed, health, own, statuses) if listed else None,
            databases=databases(statuses, machine.config.etcd_quota_bytes),
            pools=pools,
            pools_problem=pools_problem,
            pools_generation=self._generation(POOLS),
            etcd=next((each for each in statuses if each.member_id == own.report.data.member_id), None),
        )

    # --- the bucket

    def _known(self) -> Iterable[tuple[str, Text | None]]:
        return ((name, self._texts.get(name)) for name in (MEMBERS, RETAINED, RESTORE, POOLS))

    def _text(self, name: str) -> Text | None:
        self._texts[name] = self._bucket.read(name, self._texts.get(name))
        return self._texts[name]

    def _generation(self, name: str) -> str:
        text = self._texts.get(name)
        return text.generation if text else ""

    def _desired(self) -> Desired:
        try:
            members, retained, restore = (self._text(name) for name in (MEMBERS, RETAINED, RESTORE))
            if members is None:
                return Desired(None, None, f"{MEMBERS} isn't there yet: waiting for `pulumi up` to write it")
            return Desired(
                Members.parse(members.content),
                Retained.parse(retained.content) if retained else None,
                restore=Restore.parse(restore.content) if restore else None,
            )
        except (WebError, FormatError) as error:
            return Desired(None, None, str(error))

    def _marker(self) -> tuple[BootstrapMarker | None, str]:
        try:
            text = self._text(MARKER)
            return (BootstrapMarker.parse(text.content) if text else None), ""
        except (WebError, FormatError) as error:
            return None, str(error)

    def _pools(self, cluster: str) -> tuple[Pools | None, str]:
        try:
            text = self._text(POOLS)
            pools = Pools.parse(text.content) if text else None
        except (WebError, FormatError) as error:
            return None, str(error)
        if pools and pools.cluster != cluster:
            return None, f"{POOLS} is of cluster {pools.cluster!r}, and this is {cluster!r}"
        return pools, ""

    # --- etcd

    def _etcd(
        self, machine: Machine, own: Own, desired: Desired, gateway: Gateway, expected: str
    ) -> tuple[list[MemberStatus], MemberList | None]:
        """Each member's own word, and the list that a quorum agrees on. Of another cluster nothing counts."""
        addresses = [machine.address] if own.etcd_placed else []
        wanted = desired.members.members if desired.members else ()
        addresses += [each.address for each in wanted if each.address != machine.address]
        addresses += [host_of(each.peer_url) for each in self._members or ()]
        answers = self._statuses_of(addresses, gateway, expected)
        if not any(each.healthy and not each.learner for each in answers.values()):
            addresses += self._peers.read()
            answers = self._statuses_of(addresses, gateway, expected)
        for address, status in sorted(answers.items(), key=lambda pair: pair[0] != machine.address):
            if status.learner or not status.healthy:
                continue
            try:
                listed = gateway.members(address)
            except EtcdError:
                continue
            if listed.cluster_id == status.cluster_id:
                strangers = {host_of(each.peer_url) for each in listed.members} - set(addresses)
                answers |= self._statuses_of(strangers, gateway, listed.cluster_id)
                return [each for each in answers.values() if each.cluster_id == listed.cluster_id], listed
        return list(answers.values()), None

    def _statuses_of(
        self, addresses: Iterable[str], gateway: Gateway, expected: str
    ) -> dict[str, MemberStatus]:
        def ask(address: str) -> MemberStatus | None:
            try:
                return gateway.status(address)
            except (EtcdError, KeyError, ValueError):
                return None

        asked = [each for each in dict.fromkeys(addresses) if each]
        answers = zip(asked, self._ask.map(ask, asked), strict=True)
        return {
            address: answer
            for address, answer in answers
            if answer and (not expected or answer.cluster_id == expected)
        }


def databases(statuses: Sequence[MemberStatus], quota: int) -> Databases:
    """`quota` is for those who don't tell theirs."""
    raised = frozenset(alarm for each in statuses for alarm in each.alarms)
    found = {
        each.member_id: Database(
            each.size,
            each.in_use,
            each.quota or quota,
            tuple(sorted(alarm for who, alarm in raised if who == each.member_id)),
        )
        for each in statuses
    }
    return Databases(found, frozenset(who for who, alarm in raised if alarm == NOSPACE))


def _leader(statuses: Sequence[MemberStatus], members: Sequence[EtcdMember]) -> str:
    """The leader's name, by the word of the newest term."""
    known = [each for each in statuses if each.leader]
    if not known:
        return ""
    newest = max(known, key=lambda each: each.term)
    return next((each.name for each in members if each.id == newest.leader), "")


def _healths(
    members: Sequence[EtcdMember],
    statuses: Sequence[MemberStatus],
    healthy: set[str],
    seconds: Mapping[str, float],
) -> dict[str, MemberHealth]:
    """`lag` counts from the furthest index that anyone has agreed on."""
    front = max((each.index for each in statuses), default=0)
    applied = {each.member_id: each.applied for each in statuses}
    return {
        each.id: MemberHealth(each.id in healthy, seconds[each.id], max(0, front - applied.get(each.id, 0)))
        for each in members
    }


def _view(listed: MemberList, health: Health, own: Own, statuses: Sequence[MemberStatus]) -> EtcdView:
    members = [
        MemberView(each.name, each.id, each.role, health.members[each.id].healthy, each.started)
        for each in listed.members
    ]
    revision = max((each.revision for each in statuses), default=0)
    return EtcdView(listed.cluster_id, own.report.data.member_id, health.leader, revision, tuple(members))
