"""Objects one by one: insert, get (metadata or media), patch, update, delete."""

from __future__ import annotations

import re
from typing import Any

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call, Reply, handles
from lab.simulator.services.storage import bucket_shape, buckets, generations, names, preconditions
from lab.simulator.services.storage.checksums import crc32c_base64, md5_base64

_INHERITED = {
    "cacheControl",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "contentType",
    "contexts",
    "customTime",
    "eventBasedHold",
    "metadata",
    "retention",
    "temporaryHold",
}
WRITABLE_AT_BIRTH = _INHERITED | {"storageClass"}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
Doc = dict[str, Any]


@handles("storage.objects.insert")
def insert(call: Call) -> Doc:
    bucket, body = buckets.found(call, call.params["bucket"]), call.body or {}
    name = call.params.get("name") or body.get("name") or ""
    names.check_object(name)
    current = prepare_write(call, bucket, name)
    preconditions.check(call.params, current)
    refuse_acl(call, bucket)
    metadata = {k: v for k, v in body.items() if k in WRITABLE_AT_BIRTH and v not in (None, {})}
    metadata.setdefault("contentType", call.headers.get("x-media-content-type") or "application/octet-stream")
    if "contentEncoding" in call.params:
        metadata["contentEncoding"] = call.params["contentEncoding"]
    _check_hashes(call, body)
    return generations.put(call, bucket, name, metadata, call.raw)


@handles("storage.objects.get")
def get(call: Call) -> Doc | Reply:
    bucket = buckets.found(call, call.params["bucket"])
    name = call.params["object"]
    buckets.authorize(call, "storage.objects.get", bucket["name"], name)
    doc = generations.found(call, bucket["name"], name, call.params.get("generation"))
    if preconditions.not_modified(call.params, doc):
        return Reply(304)
    if call.params.get("alt") == "media":
        return _media(call, doc)
    return doc


@handles("storage.objects.patch")
def patch(call: Call) -> Doc:
    doc = _for_update(call)
    for key, value in (call.body or {}).items():
        if key not in _INHERITED:
            continue
        if value is None:
            doc.pop(key, None)
        elif isinstance(value, dict) and isinstance(doc.get(key), dict):
            doc[key] = {k: v for k, v in (doc[key] | value).items() if v is not None}
        else:
            doc[key] = value
    return generations.rewrite_metadata(call, doc)


@handles("storage.objects.update")
def update(call: Call) -> Doc:
    doc, body = _for_update(call), call.body or {}
    kept = {k: v for k, v in doc.items() if k not in _INHERITED}
    wanted = {k: v for k, v in body.items() if k in _INHERITED and v not in (None, {})}
    return generations.rewrite_metadata(call, kept | wanted)


@handles("storage.objects.delete")
def delete(call: Call) -> None:
    bucket = buckets.found(call, call.params["bucket"])
    name, generation = call.params["object"], call.params.get("generation")
    buckets.authorize(call, "storage.objects.delete", bucket["name"], name)
    doc = generations.found(call, bucket["name"], name, generation)
    preconditions.check(call.params, doc)
    if generation is None:
        generations.delete_live(call, bucket, doc)
    else:
        generations.delete_generation(call, bucket, doc)


def prepare_write(call: Call, bucket: Doc, name: str) -> Doc | None:
    """Returns the live object that a write replaces. To overwrite takes the right to delete, too."""
    current = generations.live(call, bucket["name"], name)
    buckets.authorize(call, "storage.objects.create", bucket["name"], name)
    if current:
        buckets.authorize(call, "storage.objects.delete", bucket["name"], name)
    return current


def refuse_acl(call: Call, bucket: Doc) -> None:
    asked = {"predefinedAcl", "destinationPredefinedAcl"} & set(call.params)
    if bucket_shape.uniform(bucket) and (asked or (call.body or {}).get("acl")):
        raise ApiError(
            400,
            "invalid",
            "Cannot insert legacy ACL for an object when uniform bucket-level access is enabled. Read more at"
            " https://cloud.google.com/storage/docs/uniform-bucket-level-access",
        )


def _for_update(call: Call) -> Doc:
    bucket, name = buckets.found(call, call.params["bucket"]), call.params["object"]
    buckets.authorize(call, "storage.objects.update", bucket["name"], name)
    doc = generations.found(call, bucket["name"], name, call.params.get("generation"))
    preconditions.check(call.params, doc)
    return doc


def _check_hashes(call: Call, body: Doc) -> None:
    given = {"crc32c": body.get("crc32c"), "md5": body.get("md5Hash")}
    for part in call.headers.get("x-goog-hash", "").split(","):
        kind, _, value = part.strip().partition("=")
        given[kind] = given.get(kind) or value
    for kind, actual in (("crc32c", crc32c_base64), ("md5", md5_base64)):
        if given.get(kind) and given[kind] != actual(call.raw):
            noun = "CRC32C" if kind == "crc32c" else "MD5 hash"
            raise ApiError(
                400,
                "invalid",
                f'Provided {noun} "{given[kind]}" doesn\'t match calculated {noun} "{actual(call.raw)}".',
            )


def _media(call: Call, doc: Doc) -> Reply:
    data = generations.content(call, doc)
    hashes = [f"crc32c={doc['crc32c']}"] + ([f"md5={doc['md5Hash']}"] if "md5Hash" in doc else [])
    headers = {
        "ETag": doc["etag"],
        "X-Goog-Generation": doc["generation"],
        "X-Goog-Metageneration": doc["metageneration"],
        "X-Goog-Hash": ",".join(hashes),
        "X-Goog-Stored-Content-Length": doc["size"],
        "X-Goog-Stored-Content-Encoding": doc.get("contentEncoding", "identity"),
        "X-Goog-Storage-Class": doc["storageClass"],
        "Accept-Ranges": "bytes",
    }
    if "cacheControl" in doc:
        headers["Cache-Control"] = doc["cacheControl"]
    media_type = doc.get("contentType", "application/octet-stream")
    wanted = _RANGE.fullmatch(call.headers.get("range", ""))
    if not wanted or wanted.group() == "bytes=-":
        return Reply(200, data, headers, media_type)
    first, last = wanted.groups()
    start = int(first) if first else max(0, len(data) - int(last))
    stop = min(int(last) + 1, len(data)) if first and last else len(data)
    if start >= len(data):
        if not data:
            return Reply(200, data, headers, media_type)
        raise ApiError(416, "requestedRangeNotSatisfiable", "Request range not satisfiable")
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
    return Reply(206, data[start:stop], headers, media_type)
