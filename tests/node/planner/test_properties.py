"""The planner against the model of etcd, under lists edited and reverted, deaths, lost disks and partitions.

`World.tick` checks every promise of `node.planner.plan` around each step; here the worlds are made.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from node.planner.steps import Nothing, Step, Wait
from tests.node.planner.etcd_model import World

NAMES = ("a-b", "b-c", "c-d", "d-b", "e-c")
replicas = st.sampled_from(NAMES)
lists = st.frozensets(replicas, min_size=1)
few = st.integers(0, 4)  # rounds in which all agents act once, 10 s apart


class Clusters(RuleBasedStateMachine):
    """Faults come in any order and number, also more than a cluster can survive."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.thought: dict[str, tuple[Step, tuple[str, str] | None, int]] = {}
        self.faults = 0
        self.lost = ""

    def running(self) -> list[str]:
        return [name for name, machine in sorted(self.world.machines.items()) if machine.running]

    @initialize(wanted=lists, established=st.integers(0, 3))
    def first_update(self, wanted: frozenset[str], established: int) -> None:
        """Often begin with a cluster that is already there."""
        self.world.wanted = wanted
        if established:
            self.world.heal()
            self.world.settle(80)
            self.world.retained = wanted
            assert self.world.is_as_asked()

    @rule(wanted=lists, rounds=few)
    def edit_list(self, wanted: frozenset[str], rounds: int) -> None:
        self.world.wanted = wanted
        self.act(rounds)

    @rule(rounds=few)
    def release(self, rounds: int) -> None:
        """Pulumi's last object of an update: those that aren't wanted shall leave now."""
        self.world.retained = self.world.wanted
        self.act(rounds)

    @rule(names=st.one_of(st.none(), st.frozensets(replicas)), rounds=few)
    def retain(self, names: frozenset[str] | None, rounds: int) -> None:
        self.world.retained = names
        self.act(rounds)

    @rule(name=replicas, rounds=few)
    def create_or_start(self, name: str, rounds: int) -> None:
        if name not in self.world.machines or not self.world.machines[name].running:
            self.thought.pop(name, None)
            self.world.boot(name)
        self.act(rounds)

    @rule(name=replicas, rounds=few)
    def replace_with_blank_disk(self, name: str, rounds: int) -> None:
        self.fault(name)
        self.world.boot(name, blank=True)
        self.act(rounds)

    @precondition(lambda self: self.running())
    @rule(data=st.data(), rounds=few)
    def restart(self, data: st.DataObject, rounds: int) -> None:
        name = data.draw(st.sampled_from(self.running()))
        self.fault(name)
        self.world.boot(name)
        self.act(rounds)

    @precondition(lambda self: self.running())
    @rule(data=st.data(), rounds=few)
    def halt(self, data: st.DataObject, rounds: int) -> None:
        name = data.draw(st.sampled_from(self.running()))
        self.fault(name)
        self.world.halt(name)
        self.act(rounds)

    @rule(name=replicas, rounds=few)
    def cut_off(self, name: str, rounds: int) -> None:
        if name in self.world.machines:
            self.faults += 1
            machine = self.world.machines[name]
            machine.cut = not machine.cut
            self.world.elect()
        self.act(rounds)

    @rule(name=replicas, rounds=few)
    def cut_from_bucket(self, name: str, rounds: int) -> None:
        if name in self.world.machines:
            machine = self.world.machines[name]
            machine.bucket = not machine.bucket
        self.act(rounds)

    @rule(seconds=st.sampled_from((5, 10, 40, 120, 300)))
    def time_passes(self, seconds: int) -> None:
        self.world.pass_time(seconds)

    @rule(wanted=lists, rounds=few)
    def update(self, wanted: frozenset[str], rounds: int) -> None:
        """`pulumi up` up to its first gate."""
        self.world.wanted = wanted
        for name in sorted(wanted):
            self.create_or_start(name, 0)
        self.act(rounds)

    @rule(order=st.permutations(NAMES), rounds=st.integers(1, 5), seconds=st.sampled_from((0, 10)))
    def agents_act(self, order: list[str], rounds: int, seconds: int) -> None:
        for _ in range(rounds):
            for name in order:
                if name in self.running():
                    self.thought.pop(name, None)
                    event(type(self.world.tick(name)).__name__)
            self.world.pass_time(seconds)

    @rule(name=replicas)
    def agent_acts(self, name: str) -> None:
        if name in self.running():
            self.thought.pop(name, None)
            event(type(self.world.tick(name)).__name__)

    @rule(name=replicas)
    def agent_plans(self, name: str) -> None:
        """…and is slow to act."""
        if name in self.running():
            self.thought[name] = (self.world.look(name), self.world.marker, self.faults)

    @rule(name=replicas)
    def agent_acts_late(self, name: str) -> None:
        if name in self.thought:
            step, marker, faults = self.thought.pop(name)
            self.world.act_late(name, step, marker, faultless=faults == self.faults)

    def act(self, rounds: int) -> None:
        for _ in range(rounds):
            for name in self.running():
                self.thought.pop(name, None)
                event(type(self.world.tick(name)).__name__)
            self.world.pass_time(10)

    def converges_without_the_lost_one(self, world: World) -> None:
        world.heal(self.lost)
        world.settle(300)
        event("one lost for good")
        if world.has_quorum() and world.marker and world.marker[1]:
            assert world.all_but(self.lost), world

    def fault(self, name: str) -> None:
        self.faults += 1
        self.thought.pop(name, None)

    @invariant()
    def one_learner_at_most(self) -> None:
        assert sum(entry.role == "learner" for entry in self.world.members) <= 1

    @invariant()
    def an_unreadable_list_moves_nothing(self) -> None:
        world = self.world.copy()
        world.wanted = frozenset()
        for name in self.running():
            assert isinstance(world.plan(name), Wait | Nothing) or type(world.plan(name)).__name__ == "Start"

    @rule(name=st.one_of(st.none(), replicas))
    def machine_that_never_comes_back(self, name: str | None) -> None:
        self.lost = name or ""

    def teardown(self) -> None:
        if self.lost in self.world.wanted and self.lost in self.world.machines:
            self.converges_without_the_lost_one(self.world.copy())
        self.world.heal()
        for name in sorted(self.world.machines):
            if not self.world.machines[name].running and self.world.members:
                event("unwanted machine down")
        self.world.settle(200)
        event("converged" if self.world.is_as_asked() else "quorum lost")
        if self.world.may_converge():
            assert self.world.is_as_asked(), self.world


Clusters.TestCase.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestClusters = Clusters.TestCase


@pytest.mark.skipif("HA_MASTERS_WHOLE_MODEL" not in os.environ, reason="`make model` tries them")
@pytest.mark.timeout(1800)
class TestManyClusters(Clusters.TestCase):
    settings = settings(
        max_examples=1000, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
    )
