"""An audit policy, as an API server takes it: one that it doesn't take keeps it from starting.

apiserver/pkg/apis/audit/v1/types.go, and ../validation/validation.go for what is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from components.config.errors import Refused
from components.config.section import decoded, listed

LEVELS = ("None", "Metadata", "Request", "RequestResponse")
STAGES = ("RequestReceived", "ResponseStarted", "ResponseComplete", "Panic")
LARGEST_BYTES = 64 * 1024
"""It travels in each VM's metadata, whose values Google limits to 256 KiB."""

_POLICY = ("rules", "omitStages", "omitManagedFields")
_HEAD = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy"}
_TEXTS = ("users", "userGroups", "verbs", "namespaces", "nonResourceURLs", "omitStages")
_RULE = ("level", "resources", "omitManagedFields", *_TEXTS)
_RESOURCES = ("group", "resources", "resourceNames")
_GROUP = re.compile(r"\*|(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*)?")


def read_policy(value: object) -> Mapping[str, Any]:
    """Returns the policy without apiVersion and kind, which may stand there. Raises Refused."""
    policy = _object(value, "", "Write its rules below it: policy: {rules: [{level: Metadata}]}")
    for key, expected in _HEAD.items():
        if policy.get(key, expected) != expected:
            raise Refused(f"has {key} {policy[key]}", f"Write {expected}, or leave it out")
    found = {key: item for key, item in policy.items() if key not in _HEAD}
    _known(found, _POLICY, "")
    if not found.get("rules"):
        raise Refused("has no rules, so that nothing would be logged", "Write one, such as {level: Metadata}")
    _flag(found, "")
    _stages(found, "")
    found["rules"] = [_rule(rule, f"rules[{i}]") for i, rule in enumerate(listed(found["rules"], "[…]"))]
    if len(json.dumps(found)) > LARGEST_BYTES:
        raise Refused("is larger than 64 KiB", "Shorten it: the last rules may cover more")
    return found


def _rule(value: object, at: str) -> Mapping[str, Any]:
    rule = _object(value, at, "Write an object, such as {level: Metadata}")
    _known(rule, _RULE, at)
    if not rule.get("level"):
        raise Refused(f"has {at} without a level", f"Choose {', '.join(LEVELS)}")
    if rule["level"] not in LEVELS:
        raise Refused(f"has in {at} the level {rule['level']}", f"Choose {', '.join(LEVELS)}")
    _flag(rule, at)
    for key in _TEXTS:
        if key in rule:
            _texts(rule[key], f"{at}.{key}")
    _stages(rule, at)
    for url in rule.get("nonResourceURLs") or ():
        if url != "*" and (not url.startswith("/") or "*" in url[:-1]):
            raise Refused(
                f"has in {at} the URL {url}", "Begin it with a slash; an asterisk may stand at its end only"
            )
    if rule.get("nonResourceURLs") and (rule.get("resources") or rule.get("namespaces")):
        raise Refused(f"has in {at} resources and nonResourceURLs", "Make two rules of it")
    if "resources" in rule:
        for i, each in enumerate(listed(rule["resources"], '[{group: "", resources: [secrets]}]')):
            _resources(each, f"{at}.resources[{i}]")
    return rule


def _resources(value: object, at: str) -> None:
    found = _object(value, at, 'Write an object, such as {group: "", resources: [secrets]}')
    _known(found, _RESOURCES, at)
    group = found.get("group", "")
    if not isinstance(group, str) or not _GROUP.fullmatch(group):
        raise Refused(f"has in {at} the group {group}", "Write it without a version, such as apps")
    for key in ("resources", "resourceNames"):
        if key in found:
            _texts(found[key], f"{at}.{key}")
    if found.get("resourceNames") and not found.get("resources"):
        raise Refused(f"has in {at} resourceNames alone", "Say of which resources they are names")


def _object(value: object, at: str, remedy: str) -> dict[str, Any]:
    found = decoded(value)
    if not isinstance(found, Mapping):
        raise Refused(f"has in {at} no object" if at else "is no object", remedy)
    return dict(found)


def _known(found: Mapping[str, Any], known: tuple[str, ...], at: str) -> None:
    for key in found:
        if key not in known:
            raise Refused(f"has {key}{f' in {at}' if at else ''}", f"Known there are {', '.join(known)}")


def _texts(value: object, at: str) -> None:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Refused(f"has in {at} no list of texts", "Write one, with each in quotes where YAML needs it")


def _stages(found: Mapping[str, Any], at: str) -> None:
    stages = found.get("omitStages") or []
    _texts(stages, f"{at}.omitStages".removeprefix("."))
    for stage in stages:
        if stage not in STAGES:
            raise Refused(
                f"omits {f'in {at} ' if at else ''}the stage {stage}", f"Choose {', '.join(STAGES)}"
            )


def _flag(found: Mapping[str, Any], at: str) -> None:
    if not isinstance(found.get("omitManagedFields", False), bool):
        raise Refused(
            f"has {f'in {at} ' if at else ''}an omitManagedFields that is neither true nor false", "Write one"
        )
