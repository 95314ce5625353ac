"""Compare a provider's schema with the classes of its published Python package."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

Difference = tuple[str, str]


def differences(schema: Mapping[str, Any], package: str, tokens: set[str]) -> Iterator[Difference]:
    """Each input of the resources `tokens`, at any depth, that one side lacks or shapes otherwise than the other."""
    for token in sorted(tokens):
        module_path, name = token.split(":")[1].split("/")[0], token.split(":")[2]
        module = importlib.import_module(package if module_path == "index" else f"{package}.{module_path}")
        # Where a nested type has the name already, the resource's arguments are called otherwise.
        args = getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")
        inputs = schema["resources"][token].get("inputProperties", {})
        yield from _compare(token, args, inputs, schema.get("types", {}), set())


def _compare(
    path: str, args: type, spec: Mapping[str, Any], types: Mapping[str, Any], seen: set[str]
) -> Iterator[Difference]:
    have = {
        getattr(p.fget, "_pulumi_name", k): p.fget for k, p in vars(args).items() if isinstance(p, property)
    }
    for name in sorted(set(have) - set(spec)):
        yield f"{path}.{name}", "missing in provider"
    for name in sorted(set(spec) - set(have)):
        yield f"{path}.{name}", "missing in package"
    for name in sorted(set(have) & set(spec)):
        annotation = str(have[name].__annotations__.get("return"))
        kind, (spec_kind, reference) = _kind(annotation), _spec_kind(spec[name])
        if kind != spec_kind:
            yield f"{path}.{name}", f"{kind} in package, {spec_kind} in provider"
        nested = re.search(r"['.]([A-Za-z0-9]+Args)\b", annotation)
        if nested and reference and nested[1] not in seen:
            seen.add(nested[1])
            module = sys.modules[args.__module__.rpartition(".")[0]]
            fields = types[reference.removeprefix("#/types/")].get("properties", {})
            yield from _compare(f"{path}.{name}", getattr(module, nested[1]), fields, types, seen)


def _kind(annotation: str) -> str:
    return "list" if "Sequence" in annotation else "map" if "Mapping" in annotation else "one"


def _spec_kind(spec: Mapping[str, Any]) -> tuple[str, str | None]:
    if spec.get("type") == "array":
        return "list", _spec_kind(spec["items"])[1]
    if spec.get("type") == "object" and "$ref" not in spec:
        return "map", None
    reference = spec.get("$ref", "")
    return "one", reference if reference.startswith("#/types/") else None
