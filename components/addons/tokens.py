"""Types of Kubernetes' objects, as its SDK has them: importing that takes seconds. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.addons.kinds import group_and_kind

_VERSIONS = (
    "v1",
    "v2",
    "v1beta1",
    "v1beta2",
    "v1beta3",
    "v2beta1",
    "v2beta2",
    "v1alpha1",
    "v1alpha2",
    "v1alpha3",
)


def type_of(content: Mapping[str, Any], version_: str | None = None) -> str:
    """Returns the type's token, as the SDK of Kubernetes has it: importing that takes seconds."""
    group, kind = group_and_kind(content)
    return f"kubernetes:{group or 'core'}/{version_ or str(content['apiVersion']).rpartition('/')[2]}:{kind}"


def aliases(content: Mapping[str, Any]) -> list[pulumi.Input[str | pulumi.Alias]] | None:
    """An object that is asked for in another version of its group is the same: else it would be made, and then deleted as
    the former one. Kubernetes' first group has one version.
    """
    if "/" not in str(content["apiVersion"]):
        return None
    own = type_of(content)
    return [pulumi.Alias(type_=other) for each in _VERSIONS if (other := type_of(content, each)) != own]
