"""Roles and bindings of the base add-ons: https://kubernetes.io/docs/reference/access-authn-authz/rbac/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

Object = dict[str, Any]

GROUP: Final = "rbac.authorization.k8s.io"
READ: Final = ("get", "list", "watch")


def rule(group: str, resources: Sequence[str], verbs: Sequence[str], names: Sequence[str] = ()) -> Object:
    """`names` are the only objects that it holds for, if there are any; a list or a watch then asks for one by its name."""
    only = {"resourceNames": list(names)} if names else {}
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs), **only}


def role(named: Mapping[str, Any], rules: Sequence[Object]) -> Object:
    """Of a namespace, where `named`, its metadata, has one; else of the cluster."""
    kind = "Role" if "namespace" in named else "ClusterRole"
    return {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": dict(named), "rules": list(rules)}


def binding(named: Mapping[str, Any], to: str, subject: Mapping[str, str], *, kind: str = "") -> Object:
    """Gives `subject` the role `to`, which is of the `kind` of the binding's own scope unless that is said."""
    own = "Role" if "namespace" in named else "ClusterRole"
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": f"{own}Binding",
        "metadata": dict(named),
        "roleRef": {"apiGroup": GROUP, "kind": kind or own, "name": to},
        "subjects": [dict(subject)],
    }
