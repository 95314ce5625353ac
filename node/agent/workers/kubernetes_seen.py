"""Nodes, pods and budgets out of the API's objects, for the pools' planner. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.planner.pools.seen import Budget, Node, Pod

DRAINING: Final = "ha-masters.dev/draining-since"
"""On a Node that we have cordoned: since when, in seconds since 1970."""

MIRROR: Final = "kubernetes.io/config.mirror"
"""On the API's image of a static pod: https://kubernetes.io/docs/reference/labels-annotations-taints/."""

READY: Final = "Ready"
CORDONED: Final = "SchedulingDisabled"
"""Of a row's column Status: `printNode` of kubernetes/kubernetes, pkg/printers/internalversion/printers.go."""

_OVER = ("Succeeded", "Failed")

Object = Mapping[str, Any]


def node_of_row(row: Mapping[str, str]) -> Node:
    """What a table's row tells, which isn't since when a cordoned one is drained. Raises KeyError for another table."""
    said = row["Status"].split(",")
    return Node(row["Name"], READY in said, CORDONED in said)


def node_of(document: Object) -> Node:
    metadata, spec = document["metadata"], document.get("spec") or {}
    since = str((metadata.get("annotations") or {}).get(DRAINING, ""))
    return Node(
        str(metadata["name"]),
        _is_ready(document.get("status") or {}),
        bool(spec.get("unschedulable")),
        float(since) if since.isascii() and since.isdigit() else None,
    )


def pod_of(document: Object) -> Pod:
    """A pod that a DaemonSet makes comes back at once, on a cordoned node too; a mirror isn't the API's to end."""
    metadata, spec = document["metadata"], document.get("spec") or {}
    status = document.get("status") or {}
    owner = next((each for each in metadata.get("ownerReferences") or () if each.get("controller")), None)
    kind = owner.get("kind") if owner else None
    return Pod(
        str(metadata.get("namespace", "")),
        str(metadata["name"]),
        str(spec.get("nodeName", "")),
        {str(key): str(value) for key, value in (metadata.get("labels") or {}).items()},
        kept=kind == "DaemonSet" or MIRROR in (metadata.get("annotations") or {}),
        managed=owner is not None,
        ending=bool(metadata.get("deletionTimestamp")),
        over=status.get("phase") in _OVER,
        uid=str(metadata.get("uid", "")),
        pending=status.get("phase") == "Pending",
        ready=_is_ready(status),
    )


def budget_of(document: Object) -> Budget:
    """One without a selector covers nothing, and so is left out by its caller."""
    metadata, status = document["metadata"], document.get("status") or {}
    spec = document.get("spec") or {}
    desired = int(status.get("desiredHealthy") or 0)
    return Budget(
        str(metadata.get("namespace", "")),
        str(metadata["name"]),
        spec.get("selector") or {},
        int(status.get("disruptionsAllowed") or 0),
        lets_ill_go=spec.get("unhealthyPodEvictionPolicy") == "AlwaysAllow"
        or int(status.get("currentHealthy") or 0) >= desired > 0,
    )


def _is_ready(status: Object) -> bool:
    conditions = status.get("conditions") or ()
    return any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)
