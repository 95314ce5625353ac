"""Labels and taints with which a pool's nodes register: what Kubernetes takes, and what a kubelet may say of itself.

A kubelet may not label itself as it likes: NodeRestriction refuses the whole node, when its machine runs already
(k8s.io/kubernetes at 1.36, plugin/pkg/admission/noderestriction/admission.go; k8s.io/kubelet/pkg/apis/well_known_labels.go).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from components.config import values
from components.config.errors import Refused
from components.config.section import Section
from components.config.spec import TaintSpec

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
TAINT = "{key: dedicated, value: gpu, effect: NoSchedule}"

_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_PREFIX = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_PREFIX_LIMIT = 253
_KUBERNETES = ("kubernetes.io", "k8s.io")
_KUBELETS = ("node.kubernetes.io", "kubelet.kubernetes.io")
"""Below these a kubelet may label itself."""

_OWN = frozenset(
    {
        "node.kubernetes.io/instance-type",
        "kubernetes.io/hostname",
        "kubernetes.io/os",
        "kubernetes.io/arch",
        "topology.kubernetes.io/zone",
        "topology.kubernetes.io/region",
    }
)
_CONTROLLERS_TAINTS = ("node.kubernetes.io", "node.cloudprovider.kubernetes.io")
"""KCM puts these on and takes them off, by the node's conditions:
https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-nodes-by-condition.
"""
_OURS = "ha-masters.dev"


def read_node_labels(section: Section) -> Mapping[str, str]:
    labels: dict[str, str] = {}
    for key in sorted(section.values):
        labels[key] = section.read(key, _value, "")
        try:
            _check_label_key(key)
        except Refused as refused:
            section.refuse(key, refused)
    return labels


def read_taints(section: Section) -> tuple[TaintSpec, ...]:
    taints: list[TaintSpec] = []
    for item in section.items("taints", "pools[].taints[]", TAINT):
        taint = TaintSpec(
            item.require("key", _taint_key, "", "Name the taint, such as dedicated"),
            item.read("value", _value, ""),
            item.require("effect", values.one_of(*EFFECTS), "", f"Choose {', '.join(EFFECTS)}"),
        )
        if item.ok("key", "effect") and (taint.key, taint.effect) in {(t.key, t.effect) for t in taints}:
            item.refuse("key", Refused("stands there twice with this effect", "Keep one of the two"))
        taints.append(taint)
    return tuple(taints)


def _check_label_key(key: str) -> None:
    prefix = _prefix(key)
    if prefix == _OURS or prefix.endswith(f".{_OURS}"):
        raise Refused("is reserved, by its key", f"Choose one outside of {_OURS}, which is ours")
    if key in _OWN:
        raise Refused("is what each node says of itself", "Remove it: nodes have this label already")
    if _below(prefix, *_KUBERNETES) and not _below(prefix, *_KUBELETS):
        raise Refused(
            "has a key that no kubelet may give its node",
            f"Choose one outside of {' and '.join(_KUBERNETES)}, or below {' or '.join(_KUBELETS)}",
        )


def _taint_key(value: object) -> str:
    key = values.text(value)
    if _below(_prefix(key), *_CONTROLLERS_TAINTS):
        raise Refused("is a taint of Kubernetes' own, which it takes off again", "Choose another key")
    return key


def _prefix(key: str) -> str:
    """What stands in front of the slash; empty where there is none. `Refused` for what is no key at all."""
    prefix, slash, name = key.rpartition("/")
    good = _NAME.fullmatch(name) and (not slash or _PREFIX.fullmatch(prefix))
    if not good or len(prefix) > _PREFIX_LIMIT:
        raise Refused(
            "has a key that Kubernetes doesn't take",
            "Write a name of letters, digits, hyphens, underscores and dots, 63 at most, after example.com/ if you like",
        )
    return prefix


def _below(prefix: str, *domains: str) -> bool:
    return any(prefix == domain or prefix.endswith(f".{domain}") for domain in domains)


def _value(value: object) -> str:
    given = "" if value == "" else values.text(value)
    if given and _NAME.fullmatch(given) is None:
        raise Refused(
            "is not a value that Kubernetes takes",
            "Use letters, digits, hyphens, underscores and dots, 63 at most; begin and end with a letter or a digit",
        )
    return given
