"""What there is in a world, as frozen values that hash: machines, etcd, bucket, engine, operator."""

from __future__ import annotations

from typing import NamedTuple

AT_MOST_LATE = 2
NAMES = ("a-b", "b-c", "c-d", "d-e", "e-f")


class Replica(NamedTuple):
    """The truth of one replica.

    `vm`: `-` there is none; `n` Compute says RUNNING and nothing runs in it (it boots, or lost its power); `u` up; `t`
    terminated. `disk`: `-` none; `B` blank; `M` its member's data; `X` data of no member. `role` in etcd: `-` none; `l`
    learner that never started; `s` learner; `V` voter. `silent`: its agent hangs, or the bucket refuses it. `served`:
    since it booted.
    """

    vm: str = "-"
    instance: int = 0
    shape: int = 0
    disk: str = "-"
    role: str = "-"
    silent: bool = False
    drained: bool = False
    served: bool = False

    @property
    def live(self) -> bool:
        """A member that runs on its own data."""
        return self.vm == "u" and self.disk == "M" and self.role != "-"


class Status(NamedTuple):
    """What a master wrote last. `view` has a role, and `+` or `-` for its health, a replica; `members` and `retained`:
    whether the lists that it had read are still the ones that are there; `former`: written before its machine was
    started anew.
    """

    instance: int
    shape: int
    phase: str
    ready: bool
    view: tuple[str, ...] | None
    leader: int
    members: bool
    retained: bool
    fresh: bool = True
    former: bool = False


class Claim(NamedTuple):
    replica: int
    instance: int
    old: bool = False


class World(NamedTuple):
    """All but the engine. `members` and `retained` are the bucket's lists, None while absent; `unsaid` are statuses of looks
    whose step was taken, on their way into the bucket; `order` ranks statuses by when they were
    written; `fell`: whose machine ended since the
    statuses were written, and `started`, whom Compute
    started since the leader wrote; `founder` claimed the marker, `formed` completed it.
    """

    replicas: tuple[Replica, ...]
    leader: int = -1
    founder: int = -1
    formed: bool = False
    members: frozenset[int] | None = None
    retained: frozenset[int] | None = None
    statuses: tuple[Status | None, ...] = ()
    unsaid: tuple[Status | None, ...] = ()
    order: tuple[int, ...] = ()
    claim: Claim | None = None
    fell: frozenset[int] = frozenset()
    started: frozenset[int] = frozenset()
    ended: bool = False

    def with_replica(self, index: int, **changes: object) -> World:
        replicas = list(self.replicas)
        replicas[index] = replicas[index]._replace(**changes)  # type: ignore[arg-type]
        return self._replace(replicas=tuple(replicas))

    @property
    def unseen(self) -> frozenset[int]:
        """Who fell, and neither statuses nor Compute tell."""
        return (
            self.fell - self.started - {index for index, each in enumerate(self.replicas) if each.vm in "-t"}
        )

    @property
    def voters(self) -> list[int]:
        return [index for index, each in enumerate(self.replicas) if each.role == "V"]

    def can_decide(self, but: int = -1, *, counted: frozenset[int] = frozenset()) -> bool:
        """Whether live voters are a quorum, `but` counted as down, and those in `counted` as live."""
        voters = self.voters
        well = sum(self.replicas[each].live or each in counted for each in voters if each != but)
        return bool(voters) and well >= len(voters) // 2 + 1


class Known(NamedTuple):
    """What the engine's state holds of one replica. Ids are of instances, 0 for none; `turn` is the shape that its turn let
    through, `ready` what its gate waited for.
    """

    disk: bool = False
    vm: int = 0
    shape: int = 0
    guard: int = 0
    data_guard: bool = False
    turn: int = -1
    ready: tuple[int, int] | None = None


class Recorded(NamedTuple):
    replicas: tuple[Known, ...]
    members: frozenset[int] | None = None
    joined: tuple[tuple[int, int], ...] | None = None
    api: frozenset[int] | None = None
    retained: frozenset[int] | None = None
    left: frozenset[int] | None = None

    def with_replica(self, index: int, **changes: object) -> Recorded:
        replicas = list(self.replicas)
        replicas[index] = replicas[index]._replace(**changes)  # type: ignore[arg-type]
        return self._replace(replicas=tuple(replicas))


class Permit(NamedTuple):
    """`replica` may lose its machine (or, `data`, its disk), by a look that could not know of those in `unknown`."""

    replica: int
    data: bool
    unknown: frozenset[int]


class Step(NamedTuple):
    """One of the program's, for one replica or (-1) for all. `stage`: `` to begin; `seen` once its verdict is open and
    its claim isn't written yet; `sure` once it may go on.
    """

    kind: str
    replica: int = -1
    stage: str = ""
    unknown: frozenset[int] = frozenset()


class Run(NamedTuple):
    """An update on its way: chains of steps that are taken side by side, one after another within each.

    `unknown`: misfortunes that the last look of `joined` or `left` couldn't know of. `late`: what agents and machines
    did since the engine looked last and was allowed to take something down; `AT_MOST_LATE`, then its call is there.
    """

    chains: tuple[tuple[Step, ...], ...]
    wanted: frozenset[int]
    then: tuple[tuple[Step, ...], ...] = ()
    permits: tuple[Permit, ...] = ()
    unknown: frozenset[int] = frozenset()
    partial: bool = False
    late: int = 0

    @property
    def going(self) -> frozenset[int]:
        """Who was allowed to go, and hasn't gone yet."""
        asked = {chain[0].replica for chain in self.chains if chain and chain[0].stage == "seen"}
        return frozenset(asked | {each.replica for each in self.permits})

    @property
    def half_way(self) -> bool:
        return bool(self.going)


class Budget(NamedTuple):
    """What the operator and misfortune have left. `edits` of the list; `rolls`: other machine types, replacements;
    `targets`: edits whose deletes alone are asked for, by `--target`.
    """

    edits: int = 0
    rolls: int = 0
    targets: int = 0
    cuts: int = 0
    hands: int = 0
    faults: int = 0


class State(NamedTuple):
    world: World
    known: Recorded
    run: Run | None
    wanted: frozenset[int]
    shape: int
    budget: Budget


def names(of: frozenset[int] | None) -> str:
    return ", ".join(NAMES[each] for each in sorted(of or ())) or "nobody"
