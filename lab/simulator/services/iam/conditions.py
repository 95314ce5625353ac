"""The part of IAM's condition language that the lab evaluates: names of resources, joined by `||`.

`resource.name.startsWith("projects/_/buckets/B/objects/status/")`, `resource.name == "…"`. Anything else is
refused when the policy is set, so that no test passes on a condition that nobody looked at.
"""

from __future__ import annotations

import re

_TERM = re.compile(
    r"""resource\.name\.startsWith\((?P<q>["'])(?P<prefix>[^"']*)(?P=q)\)"""
    r"""|resource\.name\s*==\s*(?P<q2>["'])(?P<name>[^"']*)(?P=q2)"""
)


def _terms(expression: str) -> list[re.Match[str] | None]:
    terms = (term.strip() for term in expression.split("||"))
    return [_TERM.fullmatch(t[1:-1].strip() if t[:1] == "(" and t[-1:] == ")" else t) for t in terms]


def supported(expression: str) -> bool:
    return bool(expression) and all(_terms(expression))


def holds(expression: str, resource_name: str) -> bool:
    for term in _terms(expression):
        if term is None:
            return False
        if term["prefix"] is not None and resource_name.startswith(term["prefix"]):
            return True
        if term["name"] is not None and resource_name == term["name"]:
            return True
    return False
