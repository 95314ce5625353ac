"""A rule is a decorated function: its name, level and configuration stand above what it checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.resource_inputs import is_child

MANDATORY, ADVISORY = EnforcementLevel.MANDATORY, EnforcementLevel.ADVISORY

Config = Mapping[str, Mapping[str, Any]]
"""Key to JSON schema, with a default."""

Check = Callable[[ResourceValidationArgs, ReportViolation], None]
StackCheck = Callable[[StackValidationArgs, ReportViolation], None]


def on(
    type_: str,
    *,
    name: str,
    says: str,
    child_of: str = "",
    level: EnforcementLevel = MANDATORY,
    config: Config | None = None,
) -> Callable[[Check], ResourceValidationPolicy]:
    """Makes a rule of a function that checks each resource of that type; with `child_of`, only those whose parent is of
    that one.
    """

    def meant(args: ResourceValidationArgs) -> bool:
        return args.resource_type == type_ and (not child_of or is_child(args.urn, type_, child_of))

    def rule(check: Check) -> ResourceValidationPolicy:
        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            if meant(args):
                check(args, report)

        return ResourceValidationPolicy(
            name=name,
            description=says,
            validate=validate,
            enforcement_level=level,
            config_schema=_schema(config),
        )

    return rule


def on_each(*, name: str, says: str, level: EnforcementLevel) -> Callable[[Check], ResourceValidationPolicy]:
    """Makes a rule of a function that checks each resource, of whatever type."""

    def rule(check: Check) -> ResourceValidationPolicy:
        return ResourceValidationPolicy(name=name, description=says, validate=check, enforcement_level=level)

    return rule


def on_stack(
    *, name: str, says: str, level: EnforcementLevel = MANDATORY, config: Config | None = None
) -> Callable[[StackCheck], StackValidationPolicy]:
    """Makes a rule of a function that checks all resources at once, after the whole program has run."""

    def rule(check: StackCheck) -> StackValidationPolicy:
        return StackValidationPolicy(
            name=name,
            description=says,
            validate=check,
            enforcement_level=level,
            config_schema=_schema(config),
        )

    return rule


def _schema(config: Config | None) -> PolicyConfigSchema | None:
    return (
        PolicyConfigSchema(properties={key: dict(each) for key, each in config.items()}) if config else None
    )
