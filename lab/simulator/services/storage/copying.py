"""Objects made from objects: copy, rewrite, compose, move."""

from __future__ import annotations

from typing import Any

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call, handles
from lab.simulator.services.storage import buckets, generations, names, preconditions
from lab.simulator.services.storage.objects import WRITABLE_AT_BIRTH, prepare_write, refuse_acl

_MOST_SOURCES = 32
Doc = dict[str, Any]


@handles("storage.objects.copy")
def copy(call: Call) -> Doc:
    return _copied(call)


@handles("storage.objects.rewrite")
def rewrite(call: Call) -> Doc:
    """Rewrites in one call, whatever the size."""
    made = _copied(call)
    return {
        "kind": "storage#rewriteResponse",
        "totalBytesRewritten": made["size"],
        "objectSize": made["size"],
        "done": True,
        "resource": made,
    }


@handles("storage.objects.move")
def move(call: Call) -> Doc:
    bucket = buckets.found(call, call.params["bucket"])
    source = _source(call, bucket["name"], call.params["sourceObject"])
    buckets.authorize(call, "storage.objects.delete", bucket["name"], source["name"])
    made = _write(call, bucket, call.params["destinationObject"], source, {})
    generations.delete_live(call, bucket, source)
    return made


@handles("storage.objects.compose")
def compose(call: Call) -> Doc:
    bucket, body = buckets.found(call, call.params["destinationBucket"]), call.body or {}
    sources = body.get("sourceObjects") or []
    if not 1 <= len(sources) <= _MOST_SOURCES:
        raise ApiError(
            400,
            "invalid",
            f"The number of source components provided ({len(sources)}) must be 1 to {_MOST_SOURCES}.",
        )
    parts = []
    for source in sources:
        buckets.authorize(call, "storage.objects.get", bucket["name"], source["name"])
        part = generations.found(call, bucket["name"], source["name"], source.get("generation"))
        preconditions.check(source.get("objectPreconditions") or {}, part)
        parts.append(part)
    name = call.params["destinationObject"]
    names.check_object(name)
    preconditions.check(call.params, prepare_write(call, bucket, name))
    metadata = {k: v for k, v in (body.get("destination") or {}).items() if k in WRITABLE_AT_BIRTH and v}
    metadata.setdefault("contentType", parts[0].get("contentType", "application/octet-stream"))
    metadata["componentCount"] = sum(int(p.get("componentCount", 1)) for p in parts)
    data = b"".join(generations.content(call, p) for p in parts)
    made = generations.put(call, bucket, name, metadata, data, composed=True)
    if body.get("deleteSourceObjects"):
        for part in parts:
            generations.delete_live(call, bucket, part)
    return made


def _copied(call: Call) -> Doc:
    from_bucket = buckets.found(call, call.params["sourceBucket"])
    to_bucket = buckets.found(call, call.params["destinationBucket"])
    source = _source(call, from_bucket["name"], call.params["sourceObject"])
    refuse_acl(call, to_bucket)
    return _write(call, to_bucket, call.params["destinationObject"], source, call.body or {})


def _source(call: Call, bucket: str, name: str) -> Doc:
    buckets.authorize(call, "storage.objects.get", bucket, name)
    source = generations.found(call, bucket, name, call.params.get("sourceGeneration"))
    preconditions.check(call.params, source, "Source")
    return source


def _write(call: Call, bucket: Doc, name: str, source: Doc, body: Doc) -> Doc:
    """Metadata in the request replaces the source's altogether."""
    names.check_object(name)
    preconditions.check(call.params, prepare_write(call, bucket, name))
    given = {k: v for k, v in body.items() if k in WRITABLE_AT_BIRTH and v not in (None, {})}
    inherited = {k: v for k, v in source.items() if k in WRITABLE_AT_BIRTH - {"storageClass"}}
    metadata = given if given.keys() - {"storageClass"} else inherited | given
    composed = "md5Hash" not in source
    if composed:
        metadata["componentCount"] = source["componentCount"]
    return generations.put(call, bucket, name, metadata, generations.content(call, source), composed=composed)
