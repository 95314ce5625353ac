"""A model of etcd, machines and bucket, small enough to explore: what the planner's promises are checked against.

etcd is one committed configuration under raft's rules: a change commits only by a quorum of the live voters of the
present configuration, and its strict reconfiguration checks apply, as in etcd 3.5 and 3.6. A replica is a machine with a
disk, a network that may be cut, and an agent that may be cut off from the bucket. Time is a number that `pass_time` moves.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace

from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.desired import Member, Members, Retained
from node.contract.peers import peer_url
from node.contract.restore import Restore, Restored
from node.contract.status import DataDirectory
from node.planner.observed import Desired, EtcdMember, Health, MemberHealth, Patience, Report
from node.planner.plan import plan
from node.planner.quorum import quorum
from node.planner.steps import (
    AddLearner,
    Bootstrap,
    Confirm,
    Discard,
    Drain,
    Join,
    MoveLeader,
    Nothing,
    Promote,
    PurgeStale,
    Remove,
    StandBack,
    Start,
    Step,
    Undrain,
    Wait,
)
from node.planner.steps import Restore as RestoreStep

BLANK = ("", "")
FRESH = 30.0
SILENT = Patience().silent
LONG = 300.0


class BrokenError(AssertionError):
    """A promise of the planner was broken."""


class RefusedError(Exception):
    """etcd refused the call."""


def address(name: str) -> str:
    return f"10.0.0.{ord(name[0])}"


def members_of(names: frozenset[str]) -> Members | None:
    if not names:
        return None
    return Members("dev", tuple(Member(name, address(name), f"europe-west1-{name[-1]}") for name in names))


@dataclass
class Entry:
    """A member in etcd's configuration. `down_for` is the leader's observation, in seconds."""

    id: str
    owner: str
    role: str = "learner"
    started: bool = False
    down_for: float = 0.0
    lag: int = 0


@dataclass
class Machine:
    running: bool = False
    disk: tuple[str, str] = BLANK  # cluster id, member id
    etcd_running: bool = False
    cut: bool = False  # from the other machines
    bucket: bool = True  # whether its agent reaches the bucket
    drained: bool = False
    written: tuple[tuple[str, str], bool] | None = None  # the last status: disk, drained
    written_ago: float = 0.0
    written_quorum: str = ""  # the cluster of which its last status told a quorum


@dataclass
class World:
    wanted: frozenset[str] = frozenset()
    retained: frozenset[str] | None = None
    machines: dict[str, Machine] = field(default_factory=dict)
    members: list[Entry] = field(default_factory=list)
    cluster: str = ""
    marker: tuple[str, str] | None = None  # claimed by, cluster id
    restoring: str = ""  # a part of the marker, as is what was done
    done: tuple[str, ...] = ()
    request: tuple[str, str, str] | None = None  # id, founder, the living cluster that may be given up
    came_of: dict[str, str] = field(default_factory=dict)  # cluster id: the request that it was restored for
    leader: str = ""
    ids: int = 0
    formed: int = 0
    log: list[str] = field(default_factory=list)

    # --- raft

    def live(self, entry: Entry) -> bool:
        """Its process runs on its own data; cut or not."""
        machine = self.machines.get(entry.owner)
        return bool(
            machine and machine.running and machine.etcd_running and machine.disk == (self.cluster, entry.id)
        )

    def side(self, name: str) -> list[Entry]:
        """The live members that `name` can reach. A cut machine reaches itself alone."""
        if self.machines[name].cut:
            return [entry for entry in self.members if entry.owner == name and self.live(entry)]
        return [entry for entry in self.members if self.live(entry) and not self.machines[entry.owner].cut]

    def voters(self) -> list[Entry]:
        return [entry for entry in self.members if entry.role == "voter"]

    def votes(self) -> int:
        """The live voters of the largest side; a sole cut voter is its own majority."""
        together = sum(self.live(e) and not self.machines[e.owner].cut for e in self.voters())
        alone = any(self.live(e) and self.machines[e.owner].cut for e in self.voters())
        return max(together, int(alone))

    def has_quorum(self) -> bool:
        return bool(self.voters()) and self.votes() >= quorum(len(self.voters()))

    def elect(self) -> None:
        """Keep the leader if it can lead, else the first who can; with a quorum there always is one."""
        able = [e.owner for e in self.voters() if self._decides(e.owner)]
        if self.leader not in able:
            self.leader = min(able, default="")
        for entry in self.side(self.leader) if self.leader else ():
            if not entry.started:  # it publishes its name through raft
                entry.started, entry.down_for = True, 0.0

    def _decides(self, name: str) -> bool:
        entries = self.side(name)
        if not any(entry.owner == name for entry in entries):
            return False
        return sum(entry.role == "voter" for entry in entries) >= quorum(len(self.voters()))

    # --- etcd's calls, as the agent beside the leader makes them

    def _entry(self, member_id: str) -> Entry:
        for entry in self.members:
            if entry.id == member_id:
                return entry
        raise RefusedError("member not found")

    def _active(self, name: str, entry: Entry) -> bool:
        return entry in self.side(name)

    def add_learner(self, by: str, owner: str) -> None:
        if any(entry.role == "learner" for entry in self.members):
            raise RefusedError("too many learner members in cluster")
        if any(entry.owner == owner for entry in self.members):
            raise RefusedError("peer URL already exists")
        if not all(self._active(by, entry) for entry in self.voters()):
            raise RefusedError("unhealthy cluster")
        self.ids += 1
        self.members.append(Entry(f"{self.ids:x}", owner, lag=5000))

    def promote(self, by: str, member_id: str) -> None:
        entry = self._entry(member_id)
        if entry.role != "learner":
            raise RefusedError("not a learner")
        if entry.lag > 1000 or not entry.started:
            raise RefusedError("can only promote a learner member which is in sync with leader")
        entry.role = "voter"

    def remove(self, by: str, member_id: str) -> None:
        entry = self._entry(member_id)
        if entry.role == "voter":
            others = [each for each in self.voters() if each is not entry]
            if sum(each.started for each in others) < quorum(len(others)):
                raise RefusedError("re-configuration failed due to not enough started members")
            if self._active(by, entry):
                active = sum(self._active(by, each) for each in self.voters())
                if active - 1 < 1 + (len(self.voters()) - 1) // 2 and len(others) > 1:
                    raise RefusedError("unhealthy cluster")
        self.members.remove(entry)

    # --- agents

    def observe(self, name: str) -> tuple[Desired, list[EtcdMember] | None, Health]:
        machine = self.machines[name]
        side = self.side(name)
        listed = None
        if side:
            listed = [
                EtcdMember(e.id, e.owner if e.started else "", peer_url(address(e.owner)), e.role, e.started)  # type: ignore[arg-type]
                for e in self.members
            ]
        reports = {name: Report(DataDirectory("blank"), machine.drained)}
        if machine.disk != BLANK:
            reports[name] = Report(DataDirectory("member", machine.disk[1], machine.disk[0]), machine.drained)
        if machine.bucket:
            for other, its in self.machines.items():
                if other == name or its.written is None or its.written_ago > FRESH:
                    continue
                disk, drained = its.written
                data = DataDirectory("blank") if disk == BLANK else DataDirectory("member", disk[1], disk[0])
                reports[other] = Report(data, drained, its.written_ago, quorum_of=its.written_quorum)
        health = Health(
            local=name,
            reports=reports,
            leader=self.leader if side and self._decides(side[0].owner) else "",
            members={
                e.id: MemberHealth(e in side, 0.0 if e in side else e.down_for, e.lag) for e in self.members
            },
            marker=self._marker() if machine.bucket else None,
            marker_problem="" if machine.bucket else "bootstrap.json can't be read",
            etcd_running=machine.etcd_running,
            cluster_id=self.cluster if side else "",
            silent={other: its.written_ago for other, its in self.machines.items() if other not in reports}
            if machine.bucket
            else {},
            disk_restored=self.came_of.get(machine.disk[0], ""),
        )
        desired = Desired(None, None, "the bucket can't be reached")
        if machine.bucket:
            retained = None if self.retained is None else Retained("dev", tuple(self.retained))
            restore = Restore("dev", *self.request) if self.request else None
            desired = Desired(members_of(self.wanted), retained, restore=restore)
        return desired, listed, health

    def _marker(self) -> BootstrapMarker | None:
        if self.marker is None:
            return None
        done = tuple(Restored(request, "1", "") for request in self.done)
        return BootstrapMarker("dev", self.marker[0], "1", self.marker[1], self.restoring, done)

    def plan(self, name: str) -> Step:
        return plan(*self.observe(name))

    def look(self, name: str) -> Step:
        machine = self.machines[name]
        if machine.bucket:
            machine.written, machine.written_ago = (machine.disk, machine.drained), 0.0
            machine.written_quorum = self.cluster if self._decides(name) else ""
        return self.plan(name)

    def act_late(self, name: str, step: Step, marker: tuple[str, str] | None, *, faultless: bool) -> None:
        """A step that was planned earlier, others having acted since. The storage's preconditions and etcd's own
        checks stand between; if no fault came in between either, quorum must be kept all the same."""
        before = self.has_quorum()
        try:
            if isinstance(step, Bootstrap | Confirm | RestoreStep) and marker != self.marker:
                raise RefusedError("the marker's generation has changed")
            if isinstance(step, AddLearner | Promote | Remove | PurgeStale | MoveLeader):
                if not self._decides(name):
                    raise RefusedError("no leader")
                self._change(name, step)
            elif isinstance(step, Join) and not any(entry.id == step.member_id for entry in self.members):
                raise RefusedError("member not found")
            elif not isinstance(step, Wait | Nothing):
                self._perform(name, step)
        except RefusedError:
            return
        self.elect()
        if faultless and before and not self.has_quorum():
            raise BrokenError(f"{step}, planned earlier, gave quorum away")

    def _change(self, name: str, step: Step) -> None:
        match step:
            case AddLearner(name=owner):
                self.add_learner(name, owner)
            case Promote(member_id=member):
                self.promote(name, member)
            case Remove(member_id=member) | PurgeStale(member_id=member):
                gone = self._entry(member)
                self.remove(name, member)
                if gone.owner in self.machines and self.machines[gone.owner].disk == (self.cluster, member):
                    self.machines[gone.owner].etcd_running = False
            case MoveLeader(name=heir, member_id=member):
                if self._entry(member).role == "voter" and self._decides(heir):
                    self.leader = heir

    def tick(self, name: str) -> Step:
        """One agent looks, writes its status, takes one step; the promises are checked around it."""
        step = self.look(name)
        if isinstance(step, Wait | Nothing):
            return step
        machine = self.machines[name]
        if step.by != name:
            raise BrokenError(f"{name} was told to perform {step}")
        self.log.append(f"{name}: {step}")
        before = copy.deepcopy(self.members)
        had_quorum = self.has_quorum()
        if step.changes_membership and not step.needs_snapshot:
            raise BrokenError(f"{step} changes membership without a snapshot")
        if isinstance(step, AddLearner | Promote | PurgeStale | Remove | MoveLeader):
            if not self.wanted or not machine.bucket:
                raise BrokenError(f"{step} without a readable list")
            if not had_quorum or name != self.leader:
                raise BrokenError(f"{step} by {name}, leader {self.leader!r}, quorum {had_quorum}")
            if not self.marker or self.marker[1] != self.cluster:
                raise BrokenError(f"{step} before the cluster was confirmed")
        self._perform(name, step)
        self.elect()
        if had_quorum and not self.has_quorum() and not self.restoring:
            raise BrokenError(f"{step} gave quorum away; before: {before}")
        if before and not self.voters():
            raise BrokenError(f"{step} removed the last voter")
        if sum(entry.role == "learner" for entry in self.members) > 1:
            raise BrokenError(f"{step} made a second learner")
        return step

    def _perform(self, name: str, step: Step) -> None:
        machine = self.machines[name]
        match step:
            case Bootstrap(takeover=takeover):
                self._bootstrap(name, takeover)
            case Confirm(cluster_id=cluster):
                if self.marker is not None and self.marker != (name, ""):
                    raise BrokenError(f"{name} confirms over {self.marker}")
                if self.restoring and self.came_of.get(cluster) != self.restoring:
                    raise BrokenError(f"{name} confirms {cluster}, which didn't come of {self.restoring}")
                self.marker = (name, cluster)
                if self.restoring:
                    self.done, self.restoring = (*self.done, self.restoring), ""
            case RestoreStep(request=request):
                self._restore(name, request)
            case StandBack():
                if not self.restoring:
                    raise BrokenError(f"{step} although nobody restores")
                machine.etcd_running = False
            case Start(member_id=member):
                if machine.disk[1] != member or machine.etcd_running:
                    raise BrokenError(f"{step} with disk {machine.disk}")
                self._start(name)
            case Join(member_id=member):
                entry = self._entry(member)
                if machine.disk != BLANK or entry.started or entry.role != "learner" or entry.owner != name:
                    raise BrokenError(
                        f"{step}: an old id would meet an empty log; {entry}, disk {machine.disk}"
                    )
                machine.disk = (self.cluster, member)
                self._start(name)
            case Discard(member_id=member):
                if any(entry.id == member for entry in self.members) and machine.disk[0] == self.cluster:
                    raise BrokenError(f"{step} of a member's data")
                machine.disk, machine.etcd_running = BLANK, False
            case Drain() | Undrain():
                machine.drained = isinstance(step, Drain)
            case PurgeStale(member_id=member) | Remove(member_id=member):
                self._check_leave(name, member, step)
                self._change(name, step)
            case AddLearner() | Promote() | MoveLeader():
                self._change(name, step)
            case _:
                raise BrokenError(f"unknown step {step}")

    def _check_leave(self, by: str, member: str, step: Step) -> None:
        entry = self._entry(member)
        machine = self.machines.get(entry.owner)
        if (
            isinstance(step, PurgeStale)
            and machine
            and machine.disk == (self.cluster, member)
            and self.live(entry)
        ):
            raise BrokenError(f"{step} of a member that is well")
        healthy = self._active(by, entry)
        if healthy and entry.role == "voter" and isinstance(step, Remove):
            if not self.wanted <= {each.owner for each in self.voters()}:
                raise BrokenError(f"{step} shrinks before it has grown")
            if entry.owner in self.wanted or (self.retained is None or entry.owner in self.retained):
                raise BrokenError(f"{step} of a member that may stay")
            if entry.owner == self.leader:
                raise BrokenError(f"{step} of the leader")

    def _bootstrap(self, name: str, takeover: bool) -> None:
        machine = self.machines[name]
        if machine.disk != BLANK:
            raise BrokenError("bootstrap over data")
        if self.marker is not None and self.marker[1]:
            raise BrokenError("a second cluster")
        if self.marker is None and any(self.live(entry) for entry in self.members):
            raise BrokenError("bootstrap beside an etcd that lives")
        if self.marker is not None and not takeover and self.marker[0] != name:
            raise BrokenError(f"bootstrap over the claim of {self.marker[0]}")
        self.marker = (name, "")
        self.formed += 1
        self.ids += 1
        self.cluster = f"c{self.formed:x}"
        self.members = [Entry(f"{self.ids:x}", name, "voter", True)]
        machine.disk = (self.cluster, f"{self.ids:x}")
        self._start(name)

    def _restore(self, name: str, request: str) -> None:
        """A claim, then the former data aside, then the new in their place: a machine may die after each."""
        machine = self.machines[name]
        if not machine.bucket or name not in self.wanted or request in self.done:
            raise BrokenError(f"{name} restores {request}, done are {self.done}")
        if self.restoring != request or self.marker is None or self.marker[0] != name:
            over = self.request[2] if self.request else ""
            told = {
                its.written_quorum
                for other, its in self.machines.items()
                if other != name and its.written is not None and its.written_ago <= FRESH
            }
            if self._decides(name):
                told.add(self.cluster)
            if self.request is None or (told - {over, ""} and not self.restoring):
                raise BrokenError(f"{name} begins to restore {request} although {told} live")
            self.marker, self.restoring = (name, ""), request
        elif machine.disk != BLANK:
            machine.disk, machine.etcd_running = BLANK, False
        else:
            self.formed += 1
            self.ids += 1
            self.cluster = f"c{self.formed:x}"
            self.came_of = {**self.came_of, self.cluster: request}
            self.members = [Entry(f"{self.ids:x}", name, "voter", True)]
            machine.disk = (self.cluster, f"{self.ids:x}")

    def _start(self, name: str) -> None:
        """A removed member's process runs too while nobody tells it; it is just nobody's peer."""
        self.machines[name].etcd_running = True
        self.elect()

    # --- the environment

    def boot(self, name: str, *, blank: bool = False) -> None:
        machine = self.machines.setdefault(name, Machine())
        self.halt(name)
        machine.running = True
        if blank:
            machine.disk = BLANK
        machine.drained = False
        self.elect()

    def halt(self, name: str) -> None:
        machine = self.machines[name]
        machine.running = machine.etcd_running = False
        self.elect()

    def key(self) -> object:
        """Equal for worlds that behave alike: ids are named for their owners, what no one refers to is left out."""
        now = {(self.cluster, entry.id): entry.owner for entry in self.members}

        def disk(of: tuple[str, str]) -> str:
            if of == BLANK:
                return "blank"
            came_of = self.came_of.get(of[0], "")
            return now.get(of, "removed" if of[0] == self.cluster else "foreign") + came_of

        machines = tuple(
            (
                name, m.running, disk(m.disk), m.etcd_running, m.cut, m.bucket, m.drained,
                m.written and (disk(m.written[0]), m.written[1]),
                m.written_ago if m.written else m.written_ago >= SILENT,
                m.written and m.written_quorum and m.written_quorum == self.cluster,
            )
            for name, m in sorted(self.machines.items())
        )  # fmt: skip
        members = tuple(sorted((e.owner, e.role, e.started, e.down_for, e.lag > 1000) for e in self.members))
        formed = self.marker and (self.marker[0], bool(self.marker[1]), self.marker[1] == self.cluster)
        request = self.request and (*self.request[:2], self.request[2] == self.cluster)
        restore = request, self.restoring, self.done
        return self.wanted, self.retained, machines, members, formed, self.leader, restore

    def copy(self) -> World:
        machines = {name: replace(machine) for name, machine in self.machines.items()}
        return replace(
            self, machines=machines, members=[replace(entry) for entry in self.members], log=[*self.log]
        )

    def pass_time(self, seconds: float) -> None:
        """Members that are down grow older, statuses staler, learners catch up."""
        for entry in self.members:
            machine = self.machines.get(entry.owner)
            up = machine is not None and self.live(entry) and not machine.cut
            entry.down_for = 0.0 if up else min(LONG, entry.down_for + seconds)
            if up:
                entry.lag = 0
        for machine in self.machines.values():
            machine.written_ago = min(LONG, machine.written_ago + seconds)
            if machine.written_ago > FRESH:
                machine.written = None

    def heal(self, lost: str = "") -> None:
        """Faults stop: whoever is wanted has a machine that runs, and all reach each other and the bucket.

        Machines of replicas that nobody wants stay as they are, and that of `lost` never comes back."""
        for name in self.wanted:
            self.machines.setdefault(name, Machine())
        for name, machine in self.machines.items():
            machine.cut, machine.bucket = False, True
            if name == lost:
                machine.running = machine.etcd_running = False
            elif name in self.wanted and not machine.running:
                self.boot(name)
        self.elect()

    def settle(self, rounds: int) -> int:
        """Let all agents tick in turns until nobody has a step; the number of rounds, or BrokenError after `rounds`."""
        quiet = 0
        for done in range(rounds):
            steps = [
                step
                for name in sorted(self.machines)
                if self.machines[name].running
                for step in [self.tick(name)]
            ]
            self.pass_time(10)
            if all(isinstance(step, Wait | Nothing) for step in steps):
                quiet += 1
                if quiet * 10 > LONG + 20 or self.is_as_asked() or not self.may_converge():
                    return done
            else:
                quiet = 0
        raise BrokenError(f"no rest after {rounds} rounds: {self}")

    def may_converge(self) -> bool:
        """Whether a quorum can still speak, or none was ever needed."""
        if self.restoring and self.marker and self.marker[0] not in self.wanted:
            return self._asks_for_a_restore()
        return self.has_quorum() or not self.marker or not self.marker[1] or self._asks_for_a_restore()

    def _asks_for_a_restore(self) -> bool:
        request = self.request
        return request is not None and request[0] not in self.done and request[1] in self.wanted

    def is_as_asked(self) -> bool:
        """Everyone wanted votes, nobody else does beyond those who may stay, no learner is left."""
        voters = {entry.owner for entry in self.voters()}
        extra = voters - self.wanted
        allowed = self.retained is None or extra <= self.retained
        all_live = all(self.live(entry) for entry in self.members)
        return self.wanted <= voters and allowed and len(voters) == len(self.members) and all_live

    def all_but(self, lost: str) -> bool:
        """Everyone wanted votes and lives, whose machine there is."""
        return self.wanted - {lost} <= {entry.owner for entry in self.voters() if self.live(entry)}
