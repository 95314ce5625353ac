"""Requests and replies against a discovery document, and Google's texts for what doesn't fit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lab.simulator.discovery import Document, Method
from lab.simulator.errors import ApiError, bad_request, required

# Sent by gcloud and the provider and taken by Google, but left out of the shipped document.
_UNLISTED: dict[str, dict[str, Any]] = {"returnPartialSuccess": {"type": "boolean"}}
_POLICY_VERSION: dict[str, dict[str, Any]] = {"options.requestedPolicyVersion": {"type": "integer"}}
"""Google takes it beside the body of a POST, too: TestAccDNSManagedZoneIamPolicyGenerated of the provider."""
_LET_PASS = {
    ("DisksAddResourcePoliciesRequest", "zone"),
    ("Network", "fingerprint"),
    ("RouterNat", "initialNatIps"),
    ("Snapshot", "zone"),
    ("ZoneSetLabelsRequest", "sizeGb"),
}
"""Schema and field that the Google provider sends though no published schema has it, in tests that it passes at Google
(google_compute_network, _router_nat, _snapshot, _disk): Compute Engine lets pass what it doesn't know, so it is dropped.
Only these: any other is more likely to be a slip.
"""
_UNPUBLISHED: dict[tuple[str, str], dict[str, Any]] = {
    ("NetworkRoutingConfig", "deleteBgpAlwaysCompareMed"): {"type": "boolean"}
}
"""Schema and field that Google understands though no published schema has it, and what it is
(TestAccComputeNetwork_bgpModeAndMedInteractions of the provider).
"""
_INT = re.compile(r"-?\d+")


class MismatchError(Exception):
    """A value that doesn't fit; the text is Google's."""


class Checker:
    """`strict_enums` is for requests: newer values may appear in replies."""

    def __init__(self, document: Document, *, strict_enums: bool) -> None:
        self._document = document
        self._strict_enums = strict_enums

    def check(self, schema: dict[str, Any], value: Any, path: str) -> Any:
        """The value as the API reads it: 64-bit integers as strings, others as numbers."""
        if "$ref" in schema:
            schema = self._document.schemas[schema["$ref"]]
        kind = schema.get("type", "any")
        if kind == "any" or value is None:
            return value
        return getattr(self, f"_{kind}")(schema, value, path)

    def _object(self, schema: dict[str, Any], value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise _bad(path, schema.get("id", "object"), value)
        known, other = schema.get("properties", {}), schema.get("additionalProperties")
        result = {}
        for key, item in value.items():
            if (schema.get("id"), key) in _LET_PASS:
                continue
            inner = known.get(key, _UNPUBLISHED.get((schema.get("id", ""), key), other))
            if inner is None:
                at = f" at '{path}'" if path else ""
                raise MismatchError(
                    f'Invalid JSON payload received. Unknown name "{key}"{at}: Cannot find field.'
                )
            result[key] = self.check(inner, item, f"{path}.{key}" if path else key)
        return result

    def _array(self, schema: dict[str, Any], value: Any, path: str) -> Any:
        if not isinstance(value, list):
            raise MismatchError(f"Invalid JSON payload received. '{path}' is not a list.")
        return [self.check(schema["items"], item, f"{path}[{i}]") for i, item in enumerate(value)]

    def _string(self, schema: dict[str, Any], value: Any, path: str) -> Any:
        if schema.get("format") in ("int64", "uint64"):
            if isinstance(value, bool) or not _INT.fullmatch(str(value)):
                raise _bad(path, "TYPE_INT64", value)
            return str(value)
        if not isinstance(value, str):
            raise _bad(path, "TYPE_STRING", value)
        if self._strict_enums and value and "enum" in schema and value not in schema["enum"]:
            if self._document.service == "compute":
                allowed = ", ".join(schema["enum"])
                raise MismatchError(f"Invalid value for field '{path}': '{value}'. Must be one of {allowed}.")
            raise _bad(path, "TYPE_ENUM", value)
        return value

    def _integer(self, schema: dict[str, Any], value: Any, path: str) -> Any:
        if isinstance(value, bool) or not _INT.fullmatch(str(value)):
            raise _bad(path, "TYPE_INT32", value)
        return int(value)

    def _number(self, schema: dict[str, Any], value: Any, path: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _bad(path, "TYPE_DOUBLE", value)
        return value

    def _boolean(self, schema: dict[str, Any], value: Any, path: str) -> Any:
        if not isinstance(value, bool):
            raise _bad(path, "TYPE_BOOL", value)
        return value


def _bad(path: str, kind: str, value: Any) -> MismatchError:
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    return MismatchError(f"Invalid value at '{path}' ({kind}), {shown}")


def _invalid(message: str) -> ApiError:
    return bad_request(message, "invalid" if message.startswith("Invalid value") else "badRequest")


def request_body(method: Method, body: Any) -> dict[str, Any] | None:
    """The checked body; without one, None. Nulls stay, for PATCH means 'unset' by them."""
    if body is None:
        return None
    if method.request is None:
        if body:
            raise bad_request(
                f'Invalid JSON payload received. Unknown name "{next(iter(body))}": Cannot find field.'
            )
        return None
    schema = method.document.schemas[method.request]
    root = "resource" if method.document.service == "compute" else ""
    try:
        checked: dict[str, Any] = Checker(method.document, strict_enums=True).check(schema, body, root)
    except MismatchError as error:
        raise _invalid(str(error)) from error
    if method.id.endswith(".insert"):
        for name, prop in schema.get("properties", {}).items():
            if method.id in prop.get("annotations", {}).get("required", ()) and checked.get(name) in (
                None,
                "",
            ):
                raise required(f"resource.{name}")
    return checked


def parameters(method: Method, path: dict[str, str], query: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Path and query parameters, typed."""
    known = method.document.parameters | method.query_parameters
    if method.document.service == "compute" and method.id.endswith(("ist", "listInstances")):
        known = known | _UNLISTED
    if method.id.endswith(".getIamPolicy"):
        known = _POLICY_VERSION | known
    result: dict[str, Any] = dict(path)
    for name, text in query:
        if name not in known:
            raise bad_request(
                f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                f"Field '{name}' could not be found in request message."
            )
        value = _parameter(name, known[name], text)
        if known[name].get("repeated"):
            result.setdefault(name, []).append(value)
        else:
            result[name] = value
    for name, spec in method.query_parameters.items():
        if spec.get("required") and name not in result:
            raise ApiError(400, "required", f"Required parameter: {name}")
    return result


def _parameter(name: str, spec: dict[str, Any], text: str) -> Any:
    if spec["type"] == "boolean":
        if text.lower() not in ("true", "false"):
            raise _invalid(f"Invalid value at '{name}' (TYPE_BOOL), \"{text}\"")
        return text.lower() == "true"
    if spec["type"] == "integer":
        if not _INT.fullmatch(text):
            raise _invalid(f"Invalid value at '{name}' (TYPE_INT32), \"{text}\"")
        return int(text)
    if "enum" in spec and text not in spec["enum"] and not name.startswith("$"):
        raise _invalid(f"Invalid value at '{name}' (TYPE_ENUM), \"{text}\"")
    return text


def check_reply(method: Method, body: dict[str, Any]) -> dict[str, Any]:
    """The reply, or MismatchError: that is a bug of the simulator's."""
    if method.response is None:
        if body:
            raise MismatchError(f"{method.id} has no reply, got {sorted(body)}")
        return body
    checker = Checker(method.document, strict_enums=False)
    result: dict[str, Any] = checker.check({"$ref": method.response}, body, "")
    return result
