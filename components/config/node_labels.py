"""Labels and taints with which a pool's nodes register: what Kubernetes takes, and what a kubelet may say of itself.

The rules are the machines' own (`node.contract.node_labels`): no worker stumbles over what passes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from components.config import values
from components.config.errors import Refused
from components.config.section import Section
from components.config.setting import required, setting
from node.contract import node_labels

TAINT = "{key: dedicated, value: gpu, effect: NoSchedule}"

_CONTROLLERS_TAINTS = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")
"""KCM puts these on and takes them off, by the node's conditions:
https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-nodes-by-condition.
"""


def _taint_key(value: object) -> str:
    key = values.text(value)
    if refused := _refused("is", node_labels.key_problem(key)):
        raise refused
    if key.startswith(_CONTROLLERS_TAINTS):
        raise Refused("is a taint of Kubernetes' own, which it takes off again", "Choose another key")
    return key


def _value(value: object) -> str:
    given = "" if value == "" else values.text(value)
    if refused := _refused("is", node_labels.value_problem(given)):
        raise refused
    return given


def _refused(subject: str, problem: str) -> Refused | None:
    """Returns a problem that the contract words as `what it is: what to do`."""
    if not problem:
        return None
    wrong, _, remedy = problem.partition(": ")
    return Refused(f"{subject} {wrong}", remedy[:1].upper() + remedy[1:])


@dataclass(frozen=True, slots=True)
class TaintSpec:
    """https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/. `value` may be empty."""

    key: str = required("key", _taint_key, "", "Name the taint, such as dedicated")
    value: str = setting("value", _value, "")
    effect: str = required(
        "effect", values.one_of(*node_labels.EFFECTS), "", f"Choose {', '.join(node_labels.EFFECTS)}"
    )


def read_node_labels(section: Section) -> Mapping[str, str]:
    labels: dict[str, str] = {}
    for key in sorted(section.values):
        labels[key] = section.read(key, _value, "")
        if refused := _refused("stands under what is", node_labels.label_problem(key)):
            section.refuse(key, refused)
    return labels


def read_taints(pool: Section) -> tuple[TaintSpec, ...]:
    taints: list[TaintSpec] = []
    for item in pool.items("taints"):
        taint = item.fill(TaintSpec)
        if item.ok("key", "effect") and (taint.key, taint.effect) in {(t.key, t.effect) for t in taints}:
            item.refuse("key", Refused("stands there twice with this effect", "Keep one of the two"))
        taints.append(taint)
    return tuple(taints)
