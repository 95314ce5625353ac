"""How objects are kept: the live generation under its name, older ones beside it, contents in blobs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from lab.simulator.clock import rfc3339
from lab.simulator.errors import ApiError
from lab.simulator.registry import Call
from lab.simulator.services.storage.bucket_shape import versioned
from lab.simulator.services.storage.checksums import crc32c_base64, etag, md5_base64

BUCKETS, LIVE, NONCURRENT = "storage.buckets", "storage.objects", "storage.noncurrent"
Doc = dict[str, Any]


def live(call: Call, bucket: str, name: str) -> Doc | None:
    return call.store.get(LIVE, f"{bucket}/{name}")


def found(call: Call, bucket: str, name: str, generation: int | str | None = None) -> Doc:
    """Returns the live generation, or the one asked for, live or not."""
    current = live(call, bucket, name)
    if generation is None or (current and current["generation"] == str(generation)):
        if current:
            return current
        raise ApiError(404, "notFound", f"No such object: {bucket}/{name}")
    old = call.store.get(NONCURRENT, _old_key(bucket, name, str(generation)))
    if old is None:
        raise ApiError(404, "notFound", f"No such object: {bucket}/{name}#{generation}")
    return old


def content(call: Call, doc: Doc) -> bytes:
    return call.store.get_blob(_blob(doc["bucket"], doc["name"], doc["generation"])) or b""


def put(call: Call, bucket: Doc, name: str, metadata: Doc, data: bytes, *, composed: bool = False) -> Doc:
    """Stores a new live generation; the one before is kept where the bucket is versioned."""
    previous = live(call, bucket["name"], name)
    if previous:
        check_holds(previous)
        _check_retention(call, bucket, previous)
        _retire(call, bucket, previous)
    generation, now = _next_generation(call), call.clock.now()
    doc: Doc = metadata | {
        "kind": "storage#object",
        "id": f"{bucket['name']}/{name}/{generation}",
        "selfLink": _link("www.googleapis.com/storage", bucket["name"], name),
        "mediaLink": _link("storage.googleapis.com/download/storage", bucket["name"], name)
        + f"?generation={generation}&alt=media",
        "name": name,
        "bucket": bucket["name"],
        "generation": str(generation),
        "metageneration": "1",
        "size": str(len(data)),
        "crc32c": crc32c_base64(data),
        "storageClass": metadata.get("storageClass") or bucket["storageClass"],
        "etag": etag(generation, 1),
        "timeCreated": now,
        "updated": now,
        "timeStorageClassUpdated": now,
        "timeFinalized": now,
    }
    if not composed:
        doc["md5Hash"] = md5_base64(data)
    if bucket.get("defaultEventBasedHold"):
        doc["eventBasedHold"] = True
    call.store.put(LIVE, f"{bucket['name']}/{name}", doc)
    call.store.put_blob(_blob(bucket["name"], name, str(generation)), data)
    _publish(call, "object.written", doc)
    return doc


def rewrite_metadata(call: Call, doc: Doc) -> Doc:
    """Stores a changed document as the next metageneration."""
    doc["metageneration"] = str(int(doc["metageneration"]) + 1)
    doc["updated"] = call.clock.now()
    doc["etag"] = etag(int(doc["generation"]), int(doc["metageneration"]))
    if "timeDeleted" in doc:
        call.store.put(NONCURRENT, _old_key(doc["bucket"], doc["name"], doc["generation"]), doc)
    else:
        call.store.put(LIVE, f"{doc['bucket']}/{doc['name']}", doc)
    return doc


def delete_live(call: Call, bucket: Doc, doc: Doc) -> None:
    check_holds(doc)
    _check_retention(call, bucket, doc)
    _retire(call, bucket, doc)
    call.store.delete(LIVE, f"{doc['bucket']}/{doc['name']}")
    _publish(call, "object.deleted", doc)


def delete_generation(call: Call, bucket: Doc, doc: Doc) -> None:
    """Deletes a generation for good."""
    check_holds(doc)
    _check_retention(call, bucket | {"versioning": {}}, doc)
    call.store.delete_blob(_blob(doc["bucket"], doc["name"], doc["generation"]))
    if "timeDeleted" in doc:
        call.store.delete(NONCURRENT, _old_key(doc["bucket"], doc["name"], doc["generation"]))
        return
    call.store.delete(LIVE, f"{doc['bucket']}/{doc['name']}")
    _publish(call, "object.deleted", doc)


def is_empty(call: Call, bucket: str) -> bool:
    return not call.store.list(LIVE, f"{bucket}/") and not call.store.list(NONCURRENT, f"{bucket}/")


def check_holds(doc: Doc) -> None:
    for field, noun in (("temporaryHold", "Temporary"), ("eventBasedHold", "Event-Based")):
        if doc.get(field):
            raise ApiError(
                403,
                "forbidden",
                f"Object '{doc['bucket']}/{doc['name']}' is under active {noun} hold and cannot be deleted,"
                " overwritten or archived until hold is removed.",
            )


def _check_retention(call: Call, bucket: Doc, doc: Doc) -> None:
    """Raises ApiError for what a retention keeps: the object's own, or the bucket's. Where versions are kept, a live one may
    still become one of them (https://docs.cloud.google.com/storage/docs/bucket-lock#retention-policy, …/object-lock).
    """
    until = [datetime.fromisoformat(doc["retention"]["retainUntilTime"])] if doc.get("retention") else []
    if period := (bucket.get("retentionPolicy") or {}).get("retentionPeriod"):
        until.append(datetime.fromisoformat(doc["timeCreated"]) + timedelta(seconds=int(period)))
    latest = max(until, default=None)
    if latest is None or versioned(bucket) or latest.timestamp() <= call.clock.time():
        return
    text = f"Object '{doc['bucket']}/{doc['name']}' is subject to bucket's retention policy or object retention and"
    raise ApiError(
        403,
        "retentionPolicyNotMet",
        f"{text} cannot be deleted or overwritten until {rfc3339(latest.timestamp())}",
    )


def _retire(call: Call, bucket: Doc, doc: Doc) -> None:
    if versioned(bucket):
        old = doc | {"timeDeleted": call.clock.now()}
        call.store.put(NONCURRENT, _old_key(doc["bucket"], doc["name"], doc["generation"]), old)
    else:
        call.store.delete_blob(_blob(doc["bucket"], doc["name"], doc["generation"]))


def _publish(call: Call, event: str, doc: Doc) -> None:
    """`Events.publish` takes no data called `name`, which subscribers get; hence its inner half."""
    data = {key: doc[key] for key in ("bucket", "name", "generation")}
    call.store.after_commit(lambda: call.events._deliver(event, data))


def _next_generation(call: Call) -> int:
    """Returns microseconds since the epoch, as Google's generations are, and always more than any before."""
    last = call.store.get("storage.counters", "generation") or {"value": 0}
    value = max(int(call.clock.time() * 1_000_000), int(last["value"]) + 1)
    call.store.put("storage.counters", "generation", {"value": value})
    return value


def _old_key(bucket: str, name: str, generation: str) -> str:
    return f"{bucket}/{name}#{int(generation):020d}"


def _blob(bucket: str, name: str, generation: str) -> str:
    return f"storage/{bucket}/{name}#{generation}"


def _link(base: str, bucket: str, name: str) -> str:
    return f"https://{base}/v1/b/{bucket}/o/{quote(name, safe='')}"
