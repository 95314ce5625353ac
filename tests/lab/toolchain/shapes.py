"""What the built providers serve, property by property, beside the classes of the published Python packages.

The packages are generated from the published providers' schemas, and carry of them the
names, the types, and what must be given.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime import rpc

SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
LACKING = "missing in provider"


@dataclass(frozen=True)
class Compared:
    """One property, such as `gcp:compute/disk:Disk.labels` of the inputs. `problem` is empty where both sides agree."""

    path: str
    problem: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Shape:
    """`kind` is as in `list of str`, or `block` for an object with properties of its own."""

    kind: str
    required: bool
    block: str | None = None


def inputs(schema: Mapping[str, Any], package: str, tokens: Iterable[str]) -> Iterator[Compared]:
    """Each input of the resources `tokens`, at any depth, that either side has."""
    for token in sorted(tokens):
        module, name = _module(package, token)
        # Where a nested type has the name already, the resource's arguments are called otherwise.
        args = getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")
        resource = schema["resources"][token]
        spec = resource.get("inputProperties", {})
        yield from _compare(
            token, args, spec, resource.get("requiredInputs", []), schema.get("types", {}), set()
        )


def outputs(schema: Mapping[str, Any], package: str, tokens: Iterable[str]) -> Iterator[Compared]:
    """Each output of the resources `tokens` that either side has. Blocks within them are as the inputs are."""
    for token in sorted(tokens):
        module, name = _module(package, token)
        resource = schema["resources"][token]
        spec, required = resource.get("properties", {}), resource.get("required", [])
        yield from _compare(token, getattr(module, name), spec, required, {}, set())


def sent(token: str, values: Mapping[str, Any], compared: Mapping[str, Compared]) -> Iterator[str]:
    """The path of each input in what the program gave, at any depth, as `inputs` names it. The keys of a map, as of labels,
    are the program's own, and no properties.
    """

    def within(path: str, value: object) -> Iterator[str]:
        if isinstance(value, Mapping) and rpc._special_sig_key in value:  # A secret, or a file.
            yield from within(path, value.get("value"))
        elif isinstance(value, list | tuple):
            for each in value:
                yield from within(path, each)
        elif isinstance(value, Mapping) and not (path in compared and compared[path].kind.startswith("map")):
            for name, each in value.items():
                yield f"{path}.{name}"
                yield from within(f"{path}.{name}", each)

    return within(token, values)


def _module(package: str, token: str) -> tuple[Any, str]:
    path, name = token.split(":")[1].split("/")[0], token.split(":")[2]
    return importlib.import_module(package if path == "index" else f"{package}.{path}"), name


def _compare(
    path: str,
    published: type,
    spec: Mapping[str, Any],
    required: list[str],
    types: Mapping[str, Any],
    seen: set[str],
) -> Iterator[Compared]:
    have = {
        getattr(each.fget, "_pulumi_name", name): each.fget
        for name, each in vars(published).items()
        if isinstance(each, property)
    }
    for name in sorted(set(have) - set(spec)):
        yield Compared(f"{path}.{name}", LACKING)
    for name in sorted(set(spec) - set(have)):
        yield Compared(f"{path}.{name}", "missing in package")
    for name in sorted(set(have) & set(spec)):
        annotation = str(have[name].__annotations__.get("return"))
        ours, theirs = _specified(spec[name], name in required), _annotated(annotation)
        yield Compared(f"{path}.{name}", _difference(theirs, ours), theirs.kind)
        if theirs.block and ours.block in types and theirs.block not in seen:
            nested = types[ours.block]
            module = sys.modules[published.__module__.rpartition(".")[0]]
            block = getattr(module, theirs.block)
            fields, needed = nested.get("properties", {}), nested.get("required", [])
            yield from _compare(f"{path}.{name}", block, fields, needed, types, {*seen, theirs.block})


def _difference(published: Shape, served: Shape) -> str:
    if published.kind != served.kind:
        return f"{published.kind} in package, {served.kind} in provider"
    if published.required != served.required:
        return f"must be given in {'package' if published.required else 'provider'} only"
    return ""


def _annotated(annotation: str) -> Shape:
    """Of a property's annotation in the package, as Python shows it."""
    # An input may be awaited or an output besides; what stands first is the type itself.
    annotation = re.sub(r"typing\.Union\[|pulumi\.output\.Output\[", "", annotation, count=1)
    block = re.search(r"ForwardRef\('(?:outputs\.)?(\w+)'\)", annotation)
    scalar = re.search(r"\b(str|int|float|bool)\b", annotation)
    plain = (
        "block" if block and block[1] != "Output" and (not scalar or block.start() < scalar.start()) else None
    )
    inner = plain or (scalar[1] if scalar else "any")
    outer = annotation.removeprefix("typing.Optional[")
    kind = f"list of {inner}" if outer.startswith("typing.Sequence") else inner
    kind = f"map of {inner}" if outer.startswith("typing.Mapping") else kind
    optional = annotation.startswith("typing.Optional[") or "NoneType" in annotation
    return Shape(kind, not optional, block[1] if plain and block else None)


def _specified(spec: Mapping[str, Any], required: bool) -> Shape:
    if spec.get("type") == "array":
        inner = _specified(spec["items"], required)
        return Shape(f"list of {inner.kind}", required, inner.block)
    if spec.get("type") == "object" and "$ref" not in spec:
        inner = _specified(spec.get("additionalProperties", {"type": "string"}), required)
        return Shape(f"map of {inner.kind}", required)
    reference = spec.get("$ref", "")
    if reference.startswith("#/types/"):
        return Shape("block", required, reference.removeprefix("#/types/"))
    return Shape(SCALARS.get(str(spec.get("type")), "any"), required)
