"""Runs a rule as the engine's analyzer does: unknown values raise, integers in configuration are floats, defaults apply."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

UNKNOWN = UNKNOWN_STRING_VALUE
CONTROL_PLANE = "ha-masters:index:ControlPlane"
ENDPOINT = "ha-masters:index:ApiEndpoint"
MASTER = "ha-masters:index:MasterReplica"


def urn(name: str, *types: str) -> str:
    return f"urn:pulumi:dev::ha-masters::{'$'.join(types)}::{name}"


def options(protect: bool = False) -> PolicyResourceOptions:
    return PolicyResourceOptions(protect, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])


def judged(
    rule: ResourceValidationPolicy,
    types: Sequence[str],
    inputs: Mapping[str, Any],
    *,
    name: str = "it",
    protect: bool = False,
    config: Mapping[str, Any] | None = None,
) -> list[str]:
    """What `rule` says about one resource, whose own type is the last of `types`."""
    said: list[str] = []
    args = ResourceValidationArgs(
        types[-1],
        unknown_checking_proxy(copy.deepcopy(dict(inputs))),
        urn(name, *types),
        name,
        options(protect),
        None,
        configured(rule, config or {}),
    )
    rule.validate(args, lambda message, where=None: said.append(message))
    return said


def resource(
    name: str, *types: str, inputs: Mapping[str, Any] | None = None, **uses: PolicyResource
) -> PolicyResource:
    """One of a stack's resources; `uses` are the resources that its properties come from."""
    return PolicyResource(
        types[-1],
        unknown_checking_proxy(dict(inputs or {})),
        urn(name, *types),
        name,
        options(),
        None,
        None,
        list(uses.values()),
        {key: [used] for key, used in uses.items()},
    )


def judged_stack(
    rule: StackValidationPolicy, resources: Sequence[PolicyResource], config: Mapping[str, Any] | None = None
) -> list[str]:
    said: list[str] = []
    args = StackValidationArgs(list(resources), configured(rule, config or {}))
    rule.validate(args, lambda message, where=None: said.append(message))
    return said


def configured(
    rule: ResourceValidationPolicy | StackValidationPolicy, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The configuration as the engine hands it over."""
    schema = rule.config_schema.properties if rule.config_schema else {}
    assert set(given) <= set(schema)
    values = {key: given.get(key, property_["default"]) for key, property_ in schema.items()}
    return {key: float(value) if isinstance(value, int) else value for key, value in values.items()}
