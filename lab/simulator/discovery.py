"""Methods and schemas from the discovery documents that google-api-python-client ships."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

_TEMPLATE = re.compile(r"\{(\+?)([A-Za-z0-9_]+)\}")


@dataclass(frozen=True)
class Method:
    id: str
    http_method: str
    pattern: re.Pattern[str]
    literal_length: int
    path_parameters: dict[str, dict[str, Any]]
    query_parameters: dict[str, dict[str, Any]]
    request: str | None
    response: str | None
    media_upload: bool
    media_download: bool
    document: Document = field(repr=False, compare=False)


class Document:
    """One version of one API. `prefix` is what its paths start with, e.g. `/compute/v1/`."""

    def __init__(self, name: str) -> None:
        text = (files("googleapiclient") / "discovery_cache" / "documents" / f"{name}.json").read_text()
        data = json.loads(text)
        self.name = name
        self.service: str = data["name"]
        self.prefix = "/" + data["servicePath"]
        self.schemas: dict[str, dict[str, Any]] = data["schemas"]
        self.parameters: dict[str, dict[str, Any]] = data["parameters"]
        self.methods = sorted(self._methods(data), key=lambda m: -m.literal_length)

    def _methods(self, node: dict[str, Any]) -> Iterator[Method]:
        for raw in node.get("methods", {}).values():
            yield self._method(raw)
        for child in node.get("resources", {}).values():
            yield from self._methods(child)

    def _method(self, raw: dict[str, Any]) -> Method:
        parameters = raw.get("parameters", {})
        path = {k: p for k, p in parameters.items() if p["location"] == "path"}
        regex, literal, position = "", 0, 0
        for hole in _TEMPLATE.finditer(raw["path"]):
            text = raw["path"][position : hole.start()]
            regex += re.escape(text)
            literal += len(text)
            position = hole.end()
            reserved, name = hole.groups()
            inner = path.get(name, {}).get("pattern", "^.+$").strip("^$") if reserved else "[^/]+"
            # A custom verb (`secrets/x:addVersion`) is never part of a resource's name.
            inner = inner.replace("[^/]+", "[^/:]+").replace("[^/]*", "[^/:]*") if reserved else inner
            literal += len(re.sub(r"\[.*?\][+*]", "", inner)) if reserved else 0
            regex += f"(?P<{name}>{inner})"
        tail = raw["path"][position:]
        return Method(
            id=raw["id"],
            http_method=raw["httpMethod"],
            pattern=re.compile(regex + re.escape(tail)),
            literal_length=literal + len(tail) + (1000 if tail.startswith(":") else 0),
            path_parameters=path,
            query_parameters={k: p for k, p in parameters.items() if p["location"] == "query"},
            request=raw.get("request", {}).get("$ref"),
            response=raw.get("response", {}).get("$ref"),
            media_upload=bool(raw.get("supportsMediaUpload")),
            media_download=bool(raw.get("supportsMediaDownload")),
            document=self,
        )

    def match(self, http_method: str, raw_path: str) -> tuple[Method, dict[str, str]] | None:
        """`raw_path` is still percent-encoded, so that a `%2F` inside a name is no separator."""
        if not raw_path.startswith(self.prefix):
            return None
        path = raw_path[len(self.prefix) :]
        for method in self.methods:
            if method.http_method == http_method and (found := method.pattern.fullmatch(path)):
                return method, {k: unquote(v) for k, v in found.groupdict().items()}
        if path.endswith("/"):  # the provider lists `anywhereCaches/`
            return self.match(http_method, raw_path.rstrip("/"))
        # gcloud and Go clients may write a colon of a name or verb as %3A.
        if "%3A" in path.upper():
            return self.match(http_method, re.sub("%3[aA]", ":", raw_path))
        return None


_BY_PREFIX = (
    ("/compute/v1/", ("compute.v1",)),
    ("/compute/beta/", ("compute.beta",)),
    ("/storage/v1/", ("storage.v1",)),
    ("/dns/v1/", ("dns.v1",)),
    (
        "/v1/",
        ("secretmanager.v1", "iam.v1", "iamcredentials.v1", "cloudresourcemanager.v1", "serviceusage.v1"),
    ),
    ("/v2/", ("orgpolicy.v2",)),
)


@cache
def document(name: str) -> Document:
    return Document(name)


def method(method_id: str) -> Method:
    """Returns a method by its id, as of the first version that has it. Raises KeyError if none does."""
    for _, names in _BY_PREFIX:
        for name in names:
            for found in document(name).methods:
                if found.id == method_id:
                    return found
    raise KeyError(f"no method of the simulated APIs is {method_id}")


def find(http_method: str, raw_path: str) -> tuple[Method, dict[str, str]] | None:
    """The method of any of the APIs; upload and download prefixes must be taken off before."""
    for prefix, names in _BY_PREFIX:
        if raw_path.startswith(prefix):
            for name in names:
                if found := document(name).match(http_method, raw_path):
                    return found
    return None
