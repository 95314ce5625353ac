"""What is known of pools: what Compute Engine has in their groups, and what Kubernetes has on their nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

GONE_SOON: Final = frozenset({"DELETING", "ABANDONING"})
"""What a group does with a machine that it no longer counts:
https://cloud.google.com/compute/docs/instance-groups/getting-info-about-migs.
"""


@dataclass(frozen=True)
class Machine:
    """A VM of a managed group. `action` is what the group does with it, `NONE` when it is done; `status` is Compute
    Engine's, empty while there is no VM yet. `problem` is why the group's last attempt failed.
    """

    name: str
    template: str
    action: str = "NONE"
    status: str = "RUNNING"
    problem: str = ""

    @property
    def leaves(self) -> bool:
        return self.action in GONE_SOON

    @property
    def runs(self) -> bool:
        """Whether anything can run on it. One that starts or stops may still do so."""
        return self.status not in ("", "TERMINATED", "SUSPENDED")


@dataclass(frozen=True)
class Group:
    """A zone's managed group: the template of which it makes machines, and those that it has."""

    template: str
    machines: tuple[Machine, ...] = ()


@dataclass(frozen=True)
class Node:
    """A Node of Kubernetes. `draining_since`, in seconds since 1970, is set by us when we cordon it, and survives whoever
    did it: a cordon without it is somebody else's.
    """

    name: str
    ready: bool = True
    cordoned: bool = False
    draining_since: float | None = None


@dataclass(frozen=True)
class Pod:
    """`kept` is what a drain leaves where it is: a mirror of a static pod, or a DaemonSet's. `managed`: something makes
    another one when this is gone. `ending`: it has been told to end. `over`: nothing of it runs any more. `uid` is of this
    very pod, for another one may come under its name. `pending`: it hasn't begun to run. `ready`: it counts as healthy.
    """

    namespace: str
    name: str
    node: str
    labels: Mapping[str, str] = field(default_factory=dict)
    kept: bool = False
    managed: bool = True
    ending: bool = False
    over: bool = False
    uid: str = ""
    pending: bool = False
    ready: bool = True

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True)
class Budget:
    """A PodDisruptionBudget. `allowed` is its `status.disruptionsAllowed`: evictions that it lets through now.

    `lets_ill_go`: it lets pods go now that aren't healthy, by its policy for these or because enough others are.
    """

    namespace: str
    name: str
    selector: Mapping[str, Any] = field(default_factory=dict)
    allowed: int = 0
    lets_ill_go: bool = False

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"

    def minds(self, pod: Pod) -> bool:
        """Returns whether an eviction of this pod takes one from it, as the API server counts
        (kubernetes/pkg/registry/core/pod/storage/eviction.go, canIgnorePDB and what follows it).
        """
        return self.covers(pod) and not pod.pending and (pod.ready or not self.lets_ill_go)

    def covers(self, pod: Pod) -> bool:
        """An empty selector is all pods of the namespace:
        https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/pod-disruption-budget-v1/.
        """
        return pod.namespace == self.namespace and _selects(self.selector, pod.labels)


@dataclass(frozen=True)
class Seen:
    """`groups` by their names; one that is missing wasn't there to look at. `nodes` by theirs."""

    groups: Mapping[str, Group] = field(default_factory=dict)
    nodes: Mapping[str, Node] = field(default_factory=dict)
    pods: tuple[Pod, ...] = ()
    budgets: tuple[Budget, ...] = ()


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """A label selector. An operator that isn't known selects, so that its budget is minded."""
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_meets(each, labels) for each in selector.get("matchExpressions") or ())


def _meets(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = expression.get("key", ""), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return True
