"""A node that leaves: what is still on it, what may go now, and what keeps the rest. Nothing is ever forced."""

from __future__ import annotations

from dataclasses import dataclass

from node.planner.pools.seen import Budget, Machine, Node, Pod, Seen
from node.planner.pools.steps import Cordon, Evict


@dataclass(frozen=True)
class Drained:
    """Nothing that a drain minds is left on the node, or it never was one."""


@dataclass(frozen=True)
class Waits:
    """Why it doesn't go on now. `too_long`: for longer than its pool lets a drain take."""

    reason: str
    too_long: bool = False


def drain(machine: Machine, seen: Seen, now: float, timeout_seconds: int) -> Cordon | Evict | Waits | Drained:
    """Returns the next step of draining a machine. After the timeout it goes on trying, and says what keeps it."""
    node = seen.nodes.get(machine.name)
    if node is None:
        return Drained()
    if not node.cordoned or node.draining_since is None:
        return Cordon(node.name)
    left = [pod for pod in seen.pods if pod.node == node.name and _holds(pod, machine)]
    if not left:
        return Drained()
    may_go, blocked = _sorted_out([pod for pod in left if not pod.ending], seen.budgets)
    if may_go:
        return Evict(node.name, tuple(may_go))
    why = blocked or _ending([pod for pod in left if pod.ending], node)
    took = now - node.draining_since
    late = took >= timeout_seconds
    after = f"for {took / 60:.0f} min, longer than drainTimeout lets it" if late else f"{took:.0f} s by now"
    return Waits(f"{why} ({after})", late)


def _holds(pod: Pod, machine: Machine) -> bool:
    """Returns whether a drain waits for it. What was told to end on a machine that doesn't run has ended."""
    return not pod.kept and not pod.over and not (pod.ending and not machine.runs)


def _sorted_out(pods: list[Pod], budgets: tuple[Budget, ...]) -> tuple[list[Pod], str]:
    """Those whose budgets let them go, counted together; and what keeps the first of the others."""
    left = {str(budget): budget.allowed for budget in budgets}
    may_go: list[Pod] = []
    blocked = ""
    for pod in sorted(pods, key=str):
        covering = [budget for budget in budgets if budget.covers(pod)]
        minding = [budget for budget in covering if budget.minds(pod)]
        spent = next((budget for budget in minding if left[str(budget)] < 1), None)
        if len(covering) > 1 and not pod.pending:
            names = " and ".join(map(str, covering))
            blocked = (
                blocked
                or f"{pod} on {pod.node} is in more than one budget, {names}: Kubernetes evicts no such pod"
            )
        elif spent:
            blocked = (
                blocked or f"{pod} on {pod.node} is kept by the budget {spent}, which allows no eviction now"
            )
        else:
            may_go.append(pod)
            for budget in minding:
                left[str(budget)] -= 1
    return may_go, blocked


def _ending(pods: list[Pod], node: Node) -> str:
    return f"{', '.join(sorted(map(str, pods))[:3])} on {node.name} still ends" + (
        "" if node.ready else ", and its kubelet is silent"
    )
