"""A small world for the pools' planner: groups, VMs that boot and end, pods that are made again elsewhere, one budget, and
an autoscaler where a zone has a most.

Each `tick` first lets the world do one thing that it may do at any time, then lets the planner take its step. What must
never be is checked at each step, by what is true and not by what the planner was shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from node.contract.pools import Pool, Pools
from node.planner.pools.plan import plan_pools
from node.planner.pools.seen import Budget, Group, Machine, Node, Pod, Seen
from node.planner.pools.steps import Cordon, Delete, Evict, Grow, Plan, Step, Uncordon


@dataclass
class World:
    """`needs` is how many pods the budget keeps running; pods are made anew wherever a node takes them."""

    asked: Pools
    random: Random
    wanted_pods: int
    needs: int
    groups: dict[str, Group] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    pods: list[Pod] = field(default_factory=list)
    now: float = 0.0
    made: int = 0

    def seen(self) -> Seen:
        return Seen(dict(self.groups), dict(self.nodes), tuple(self.pods), (self.budget,))

    @property
    def budget(self) -> Budget:
        running = sum(not pod.ending and pod.node in self.nodes for pod in self.pods if not pod.kept)
        return Budget("default", "web", {}, max(0, running - self.needs))

    def tick(self) -> Plan:
        self.now += 10.0
        happens = [self.boots, self.ends, self.vanishes, self.schedules, self.schedules, self.scales]
        self.random.choice(happens)()
        plan = plan_pools(self.asked, self.seen(), self.now)
        if plan.step:
            self.perform(plan.step)
        return plan

    # --- what happens by itself

    def boots(self) -> None:
        for name, group in self.groups.items():
            for machine in group.machines:
                if machine.action == "CREATING":
                    self._put(name, replace(machine, action="NONE", status="RUNNING"))
                    self.nodes[machine.name] = Node(machine.name)
                    self.pods.append(Pod("kube-system", f"proxy-{machine.name}", machine.name, kept=True))
                    return

    def ends(self) -> None:
        self.pods = [pod for pod in self.pods if not pod.ending]

    def vanishes(self) -> None:
        """A machine that was told to go is gone, and its Node with it."""
        for name, group in self.groups.items():
            for machine in group.machines:
                if machine.leaves:
                    staying = tuple(each for each in group.machines if each.name != machine.name)
                    self.groups[name] = Group(group.template, staying)
                    self.nodes.pop(machine.name, None)
                    self.pods = [pod for pod in self.pods if pod.node != machine.name]
                    return

    def schedules(self) -> None:
        takes = sorted(name for name, node in self.nodes.items() if node.ready and not node.cordoned)
        while takes and sum(not pod.kept and not pod.ending for pod in self.pods) < self.wanted_pods:
            self.made += 1
            self.pods.append(Pod("default", f"web-{self.made}", self.random.choice(takes)))

    def scales(self) -> None:
        """The autoscaler makes a machine, or takes an empty one away, within its bounds. What it drains itself is empty as
        well before it lets the group delete it.
        """
        zones = [
            zone
            for pool in self.asked.pools
            for zone in pool.zones
            if zone.most is not None and zone.group in self.groups
        ]
        if not zones:
            return
        zone = self.random.choice(zones)
        group = self.groups[zone.group]
        live = [machine for machine in group.machines if not machine.leaves]
        busy = {pod.node for pod in self.pods if not pod.kept}
        empty = [each for each in live if each.name not in busy and each.action == "NONE"]
        if empty and len(live) > zone.size and self.random.random() < 0.5:
            self._put(zone.group, replace(self.random.choice(empty), action="DELETING"))
        elif len(live) < zone.ceiling:
            self.made += 1
            made = Machine(f"{zone.group}-{self.made:04}", group.template, "CREATING", "")
            self.groups[zone.group] = replace(group, machines=(*group.machines, made))

    # --- what the planner asks for

    def perform(self, step: Step) -> None:
        match step:
            case Grow(_, group, machines):
                made = tuple(Machine(name, self.groups[group].template, "CREATING", "") for name in machines)
                self.groups[group] = replace(self.groups[group], machines=self.groups[group].machines + made)
                self._check_size(group)
            case Cordon(node):
                self.nodes[node] = replace(self.nodes[node], cordoned=True, draining_since=self.now)
                self._check_use(node)
            case Uncordon(node):
                self.nodes[node] = Node(node)
            case Evict(_, pods):
                for pod in pods:
                    assert self.budget.allowed > 0, "an eviction that the budget doesn't allow"
                    self.pods[self.pods.index(pod)] = replace(pod, ending=True)
            case Delete(_, group, machine):
                left = [pod for pod in self.pods if pod.node == machine and not pod.kept]
                assert not left, f"{machine} is deleted with {left[0]} on it"
                [gone] = [each for each in self.groups[group].machines if each.name == machine]
                self._put(group, replace(gone, action="DELETING"))

    def _put(self, group: str, machine: Machine) -> None:
        machines = tuple(
            machine if each.name == machine.name else each for each in self.groups[group].machines
        )
        self.groups[group] = replace(self.groups[group], machines=machines)

    # --- what must be so

    def _place(self, group: str) -> tuple[Pool, int]:
        return next(
            (pool, zone.size) for pool in self.asked.pools for zone in pool.zones if zone.group == group
        )

    def _check_size(self, group: str) -> None:
        pool, size = self._place(group)
        assert len(self.groups[group].machines) <= size + pool.max_surge

    def _check_use(self, node: str) -> None:
        """A cordon leaves as many nodes of use in its zone as the limit asks, and it is the only drain."""
        for name, group in self.groups.items():
            pool, size = self._place(name)
            if any(machine.name == node for machine in group.machines):
                of_use = [machine.name for machine in group.machines if self._of_use(machine)]
                assert len(of_use) >= size - pool.max_unavailable
        draining = [each.name for each in self.nodes.values() if each.draining_since is not None]
        assert [name for name in draining if self._counts(name)] == [node]

    def _of_use(self, machine: Machine) -> bool:
        node = self.nodes.get(machine.name)
        return not machine.leaves and node is not None and not node.cordoned

    def _counts(self, node: str) -> bool:
        return any(
            machine.name == node and not machine.leaves
            for group in self.groups.values()
            for machine in group.machines
        )


def settled(plan: Plan) -> bool:
    return plan.step is None and all(zone.settled for zone in plan.zones)


def run(world: World, edits: Sequence[Pools], ticks: int) -> Plan:
    """Lets the world go on under each edit for some ticks, and under the last of them until it is settled."""
    plan = world.tick()
    for asked in edits:
        world.asked = asked
        template = {zone.group: pool.template for pool in asked.pools for zone in pool.zones}
        for group, link in template.items():
            there = world.groups.get(group, Group(link))
            world.groups[group] = replace(there, template=link or there.template)
        for _ in range(ticks):
            plan = world.tick()
    for _ in range(600):
        if settled(plan):
            return plan
        plan = world.tick()
    return plan
