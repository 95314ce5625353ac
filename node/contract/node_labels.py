"""Labels and taints of a worker's Node: which of them a kubelet may give itself.

A kubelet ends at once over a `--node-labels` in the namespaces of Kubernetes that isn't among a few
(cmd/kubelet/app/options/options.go, `ValidateKubeletFlags`), and admission refuses it the others
(plugin/pkg/admission/noderestriction/admission.go). So what is asked of a pool is judged when it is asked.
"""

from __future__ import annotations

import re
from typing import Final

POOL: Final = "ha-masters.dev/pool"
"""The label by which a Node says of which pool it is."""

CONTROL_PLANE: Final = "node-role.kubernetes.io/control-plane"
"""The label of a master's Node, and its taint."""

ZONE: Final = "topology.kubernetes.io/zone"
REGION: Final = "topology.kubernetes.io/region"
INSTANCE_TYPE: Final = "node.kubernetes.io/instance-type"

EFFECTS: Final = ("NoSchedule", "PreferNoSchedule", "NoExecute")

_OWN = frozenset({POOL, ZONE, REGION, INSTANCE_TYPE})
_KUBERNETES = ("kubernetes.io", "k8s.io")
_ALLOWED = ("kubelet.kubernetes.io", "node.kubernetes.io")
_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_PREFIX = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def key_problem(key: str) -> str:
    """Returns what is wrong with the key of a label or taint, after "is"; empty for one that is well-formed."""
    prefix, slash, name = key.rpartition("/")
    if not _NAME.fullmatch(name) or (slash and not _PREFIX.fullmatch(prefix)):
        return (
            "not the key of a label: use at most 63 letters, digits, '-', '_' and '.', a letter or digit first and "
            "last, and before a '/' a domain in lower case"
        )
    return ""


def value_problem(value: str) -> str:
    """Returns what is wrong with the value of a label or taint, after "is"; empty for a good one, as nothing is."""
    if value and not _NAME.fullmatch(value):
        return "not the value of a label: use at most 63 letters, digits, '-', '_' and '.', a letter or digit first and last"
    return ""


def label_problem(key: str) -> str:
    """Returns what is wrong with the key as a label of a pool's nodes, after "is"; empty for one that they may have."""
    if problem := key_problem(key):
        return problem
    if key in _OWN:
        return "set by each node itself: remove it"
    prefix = key.rpartition("/")[0]
    if _within(prefix, _KUBERNETES) and not _within(prefix, _ALLOWED):
        return (
            "Kubernetes' own, which no kubelet may give itself: use a domain of yours, or node.kubernetes.io"
        )
    return ""


def _within(prefix: str, domains: tuple[str, ...]) -> bool:
    return any(prefix == domain or prefix.endswith(f".{domain}") for domain in domains)
