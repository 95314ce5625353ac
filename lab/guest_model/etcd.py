"""The model's etcd: one a bucket, in memory and in the simulator's store, so that it outlives the simulator.

It keeps raft's rules as far as membership goes: only a quorum of live voters changes anything, learners
don't vote, one learner at most, and etcd's strict reconfiguration checks with etcd's own words. A member's
data belongs to a data disk, by the disk's id: another disk of the same name is blank.

`tests/node/planner/etcd_model.py` is another model of the same rules, on purpose: it judges the planner, and a judge must
not share its errors with what drives guests.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from lab.simulator.store import Store
from node.agent.etcd.restorer import REVISIONS_AHEAD
from node.contract.status import DataDirectory
from node.planner.quorum import quorum

_KIND = "guestModel.etcd"


class RefusedError(Exception):
    """etcd refuses the call."""


@dataclass
class ModelMember:
    """`synced_at`: when a learner has caught up; zero until its process first runs."""

    id: str
    owner: str
    peer_url: str
    role: Literal["voter", "learner"]
    started: bool = False
    synced_at: float = 0.0


@dataclass
class ModelEtcd:
    store: Store
    bucket: str
    cluster_id: str = ""
    members: list[ModelMember] = field(default_factory=list)
    leader: str = ""
    revision: int = 1
    data: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Data disk id → cluster id, member id."""
    restored: dict[str, str] = field(default_factory=dict)
    """Cluster id → the request that it came of."""
    live: set[str] = field(default_factory=set)
    down_since: dict[str, float] = field(default_factory=dict)
    vacant_since: float | None = None

    @classmethod
    def load(cls, store: Store, bucket: str) -> ModelEtcd:
        doc: dict[str, Any] = store.get(_KIND, bucket) or {}
        members = [ModelMember(**member) for member in doc.get("members", [])]
        data = {disk: (ids[0], ids[1]) for disk, ids in doc.get("data", {}).items()}
        return cls(
            store,
            bucket,
            doc.get("clusterId", ""),
            members,
            doc.get("leader", ""),
            doc.get("revision", 1),
            data,
            doc.get("restored", {}),
        )

    def save(self) -> None:
        self.revision += 1
        self.store.put(
            _KIND,
            self.bucket,
            {
                "clusterId": self.cluster_id,
                "members": [asdict(member) for member in self.members],
                "leader": self.leader,
                "revision": self.revision,
                "data": self.data,
                "restored": self.restored,
            },
        )

    def erase(self) -> None:
        self.store.delete(_KIND, self.bucket)

    # --- what is

    def voters(self) -> list[ModelMember]:
        return [member for member in self.members if member.role == "voter"]

    def member_of(self, owner: str) -> ModelMember | None:
        return next((member for member in self.members if member.owner == owner), None)

    def has_quorum(self) -> bool:
        return sum(m.id in self.live for m in self.voters()) >= quorum(len(self.voters()))

    def down_for(self, member: ModelMember, now: float) -> float:
        return 0.0 if member.id in self.live else now - self.down_since.setdefault(member.id, now)

    def directory(self, disk: str) -> DataDirectory:
        if disk not in self.data:
            return DataDirectory("blank")
        cluster, member = self.data[disk]
        return DataDirectory("member", member, cluster)

    def holds(self, disk: str) -> str:
        """The id of the member of this cluster whose data the disk holds, removed or not; else empty."""
        cluster, member = self.data.get(disk, ("", ""))
        return member if cluster == self.cluster_id else ""

    # --- processes

    def up(self, disk: str, now: float, sync: float) -> None:
        member = self._listed(self.holds(disk))
        if member is None:
            return  # its process runs, and nobody listens to it
        self.live.add(member.id)
        self.down_since.pop(member.id, None)
        if not member.started or not member.synced_at:
            member.started, member.synced_at = True, member.synced_at or now + sync
            self.save()

    def down(self, disk: str, now: float) -> None:
        member = self._listed(self.holds(disk))
        if member and member.id in self.live:
            self.live.discard(member.id)
            self.down_since[member.id] = now

    def elect(self, now: float, takes: float) -> bool:
        """Replace a leader that is gone once `takes` has passed; True if leadership changed."""
        able = sorted(m.owner for m in self.voters() if m.id in self.live) if self.has_quorum() else []
        if self.leader in able:
            self.vacant_since = None
            return False
        before, self.leader = self.leader, ""
        if self.vacant_since is None:
            self.vacant_since = now
        if able and now - self.vacant_since >= takes:
            self.leader, self.vacant_since = able[0], None
        if self.leader != before:
            self.save()
        return self.leader != before

    # --- what agents ask of it

    def bootstrap(self, owner: str, url: str, disk: str, now: float) -> None:
        self.cluster_id = self._id("cluster", owner, now)
        member = ModelMember(self._id(owner, url, now), owner, url, "voter", True, now)
        self.members, self.leader, self.live = [member], owner, set()
        self.data[disk] = (self.cluster_id, member.id)
        self.save()

    def restore(self, owner: str, url: str, disk: str, request: str, revision: int, now: float) -> None:
        """Another cluster of this member alone; what the other disks hold is of the former."""
        self.bootstrap(owner, url, disk, now)
        self.restored[self.cluster_id] = request
        self.revision = revision + REVISIONS_AHEAD
        self.save()

    def restored_from(self, disk: str) -> str:
        return self.restored.get(self.data.get(disk, ("", ""))[0], "")

    def join(self, member_id: str, owner: str, disk: str) -> None:
        member = self._found(member_id)
        if disk in self.data or member.started or member.owner != owner:
            raise RefusedError("member has already been bootstrapped")
        self.data[disk] = (self.cluster_id, member_id)
        self.save()

    def discard(self, disk: str) -> None:
        self.data.pop(disk, None)
        self.save()

    def add_learner(self, owner: str, url: str, now: float) -> None:
        self._need_quorum()
        if any(member.peer_url == url for member in self.members):
            raise RefusedError("etcdserver: Peer URLs already exists")
        if any(member.role == "learner" for member in self.members):
            raise RefusedError("etcdserver: too many learner members in cluster")
        if any(member.id not in self.live for member in self.voters()):
            raise RefusedError("etcdserver: unhealthy cluster")
        member = ModelMember(self._id(owner, url, now), owner, url, "learner")
        self.members.append(member)
        self.down_since[member.id] = now
        self.save()

    def promote(self, member_id: str, now: float) -> None:
        self._need_quorum()
        member = self._found(member_id)
        if not member.started or now < member.synced_at:
            raise RefusedError("etcdserver: can only promote a learner member which is in sync with leader")
        member.role = "voter"
        self.save()

    def remove(self, member_id: str) -> None:
        self._need_quorum()
        member = self._found(member_id)
        left = [each for each in self.voters() if each.id != member_id]
        active = sum(each.id in self.live for each in left)
        if member.role == "voter" and active < quorum(len(left)):
            raise RefusedError("etcdserver: unhealthy cluster")
        self.members.remove(member)
        self.live.discard(member_id)
        self.save()

    def move_leader(self, member_id: str) -> None:
        member = self._found(member_id)
        if member.role != "voter" or member_id not in self.live:
            raise RefusedError("etcdserver: bad leader transferee")
        self.leader = member.owner
        self.save()

    def _listed(self, member_id: str) -> ModelMember | None:
        return next((member for member in self.members if member.id == member_id), None)

    def _found(self, member_id: str) -> ModelMember:
        if member := self._listed(member_id):
            return member
        raise RefusedError("etcdserver: member not found")

    def _need_quorum(self) -> None:
        if not self.has_quorum():
            raise RefusedError("etcdserver: request timed out")

    def _id(self, *of: object) -> str:
        """As etcd does, from the URL and the time."""
        text = repr((self.bucket, self.revision, of))
        return hashlib.sha256(text.encode()).hexdigest()[:16].lstrip("0") or "1"
