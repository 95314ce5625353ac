"""What all collections share: names, ids, get, list, aggregated list, delete, labels and fingerprints."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.simulator import operations
from lab.simulator.context import Lab
from lab.simulator.errors import (
    already_exists,
    condition_not_met,
    in_use,
    invalid,
    not_found,
    not_ready,
    not_simulated,
    required,
)
from lab.simulator.quotas import Quotas
from lab.simulator.registry import Call, handles
from lab.simulator.services.compute import catalog, filters, urls
from lab.simulator.store import Store

Doc = dict[str, Any]
EMPTY_FINGERPRINT = "42WmSpB8rSM="
LABELS_CHANGED = "Labels fingerprint either invalid or resource labels have changed"


@dataclass(frozen=True)
class Collection:
    """`service` is the word in method ids, `plural` that in paths and the store's kind.

    `shown` makes what reads answer with of what is stored, where that follows from other resources.
    """

    service: str
    plural: str
    scope: str
    param: str
    kind: str
    noun: str
    used_by: tuple[str, ...] = ()
    quota: str | None = None
    aggregated: bool = False
    check_delete: Callable[[Call, str, Doc], None] | None = None
    deleted: Callable[[Lab, str, Doc], None] | None = None
    shown: Callable[[Store, str, Doc], Doc] | None = None
    list_kind: str = ""

    def key(self, call: Call, name: str | None = None) -> str:
        parent = urls.container(call, self.scope)
        return f"{parent}/{self.plural}/{name or call.params[self.param]}"

    def read(self, store: Store, parent: str = "") -> list[Doc]:
        """Returns all below `parent`, as they are shown."""
        show = self.shown or (lambda _store, _key, doc: doc)
        return [show(store, key, doc) for key, doc in store.list(self.plural, parent)]


_NOTHING: tuple[Any, ...] = (None, "", 0, False, [], {})
_USED_UP = (
    "initializeParams",
    "params",
    "fingerprint",
    "labelFingerprint",
    "id",
    "kind",
    "minCpuPlatform",
    "size",
    "users",
)
"""Fields that are in no reply, or that Google writes itself, whatever it is sent."""

_BY_PLURAL: dict[tuple[str, str], Collection] = {}


def fingerprint(content: Any) -> str:
    """Returns a fingerprint that follows from the content; that of nothing is Google's well-known one."""
    if not content:
        return EMPTY_FINGERPRINT
    text = json.dumps(content, sort_keys=True).encode()
    return base64.b64encode(hashlib.sha256(text).digest()[:8]).decode()


def new(call: Call, collection: Collection, fields: Doc) -> tuple[str, Doc]:
    """Returns key and document of what an insert makes, with the server's fields. Raises ApiError for a bad name, one that
    is taken, or a full quota.
    """
    if not fields.get("name"):
        raise required("resource.name")
    name = urls.check_name(fields["name"])
    key = collection.key(call, name)
    if call.store.get(collection.plural, key) is not None:
        raise already_exists(key)
    parent = key.rsplit("/", 2)[0]
    if collection.quota:
        count = len(call.store.list(collection.plural, parent + "/")) + 1
        where = f"in region {urls.region_of(key)}" if collection.scope != "global" else "globally"
        Quotas(call.store).check(collection.quota, count, where)
    doc = without_nulls(fields) | {
        "kind": collection.kind,
        "id": str(1_000_000_000_000_000_000 + call.store.next_id() * 7_919_000_003),
        "creationTimestamp": call.clock.now(),
        "selfLink": urls.link(key),
    }
    if collection.scope in ("zones", "regions"):
        doc[collection.scope[:-1]] = urls.link(parent)
    return key, doc


def without_nulls(value: Any) -> Any:
    """The same at any depth: Google shows nobody a null, and the provider doesn't survive one in a list."""
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_nulls(each) for each in value if each is not None]
    return value


def created(call: Call, collection: Collection, key: str, doc: Doc, effect: str | None = None) -> Doc:
    """Stores the resource and returns the operation. `effect` runs with `{"key": key}` when the operation is done. Raises
    ApiError for a field that was given and would be lost.
    """
    if call.method_id == f"compute.{collection.service}.insert":
        check_kept(call.body or {}, doc)
    call.store.put(collection.plural, key, doc)
    return operations.start(call, key, "insert", effect, {"key": key}, target_id=doc["id"])


def check_kept(given: Doc, kept: Doc, path: str = "resource") -> None:
    """Raises ApiError for a field that was given and isn't in what was made of it: nothing is dropped in silence."""
    for name, value in given.items():
        at = f"{path}.{name}"
        if says_nothing(value) or name in _USED_UP:
            continue
        if name not in kept:
            raise not_simulated(at)
        pairs = [(value, kept[name])]
        if isinstance(value, list) and isinstance(kept[name], list):
            pairs = list(zip(value, kept[name], strict=False))
        for one, other in pairs:
            if isinstance(one, dict) and isinstance(other, dict):
                check_kept(one, other, at)


def check_same(given: Doc, present: Doc, but: tuple[str, ...]) -> None:
    """Raises ApiError where what was given changes a field, except those of `but`: the simulator would drop it."""
    for name, value in given.items():
        if name in but or name in _USED_UP or says_nothing(value) or value == present.get(name):
            continue
        raise not_simulated(f"a change of resource.{name} here")


def says_nothing(value: Any) -> bool:
    """As the provider writes blocks that nobody asked for: an object of nulls, or a list of such."""
    if isinstance(value, dict):
        return all(says_nothing(each) for each in value.values())
    if isinstance(value, list):
        return all(says_nothing(each) for each in value)
    return value in _NOTHING


def existing(call: Call, collection: Collection, *, settled: bool = True) -> tuple[str, Doc]:
    """Returns what the path names. `settled`: it may not be just being created or deleted."""
    key = collection.key(call)
    doc = call.store.get(collection.plural, key)
    if doc is None:
        raise not_found(key)
    if settled and operations.busy(call.store, key, ("insert", "delete")):
        raise not_ready(key)
    return key, doc


def saved(call: Call, collection: Collection, key: str, doc: Doc, kind: str) -> Doc:
    call.store.put(collection.plural, key, doc)
    return operations.start(call, key, kind, target_id=doc.get("id"))


def merge(doc: Doc, patch: Doc) -> Doc:
    """Returns what a PATCH leaves: objects merge, lists replace, null removes."""
    result = dict(doc)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = merge(result[name], value)
        else:
            result[name] = value
    return result


def check_fingerprint(given: str | None, current: str | None, message: str = "Invalid fingerprint.") -> None:
    """Raises ApiError where the fingerprint isn't the current one. gcloud writes bytes with the URL-safe alphabet, which
    counts as the same.
    """
    if (given or "").replace("-", "+").replace("_", "/") != current:
        raise condition_not_met(message)


def check_labels(labels: dict[str, Any] | None, field: str = "resource.labels") -> None:
    """Raises ApiError for more than 64 labels, capitals, or more than 63 characters (labels' documented rules)."""
    if len(labels or {}) > 64:
        raise invalid(field, len(labels or {}), "At most 64 labels are allowed.")
    for key, value in (labels or {}).items():
        if not key or len(key) > 63 or key != key.lower() or not key[0].isalpha():
            raise invalid(
                field, key, "Label keys must start with a lowercase letter and be at most 63 characters."
            )
        if len(str(value)) > 63 or str(value) != str(value).lower():
            raise invalid(field, value, "Label values must be lowercase and at most 63 characters.")


def with_labels(doc: Doc) -> Doc:
    """Returns the document with the fingerprint of its labels; an empty map isn't shown."""
    check_labels(doc.get("labels"))
    if not doc.get("labels"):
        doc.pop("labels", None)
    doc["labelFingerprint"] = fingerprint(doc.get("labels"))
    return doc


def serve_labels(collection: Collection) -> None:
    """Serves `setLabels`; some collections name the item `resource` there."""

    @handles(f"compute.{collection.service}.setLabels")
    def set_labels(call: Call) -> Doc:
        name = call.params.get("resource", call.params.get(collection.param))
        key = collection.key(call, name)
        doc = call.store.get(collection.plural, key)
        if doc is None:
            raise not_found(key)
        body = call.body or {}
        check_fingerprint(body.get("labelFingerprint"), doc["labelFingerprint"], LABELS_CHANGED)
        doc["labels"] = body.get("labels") or {}
        return saved(call, collection, key, with_labels(doc), "setLabels")


def register(collection: Collection) -> None:
    """Notes the collection, so that its operations find it again after a restart."""
    _BY_PLURAL[(collection.plural, collection.scope)] = collection


def serve(collection: Collection, *, own_delete: bool = False) -> None:
    """Serves get, list, delete (unless the service has its own) and, where Google has one, aggregatedList."""
    register(collection)
    prefix = f"compute.{collection.service}."
    list_kind = collection.list_kind or collection.kind + "List"

    @handles(prefix + "get")
    def get(call: Call) -> Doc:
        key, doc = existing(call, collection, settled=False)
        return collection.shown(call.store, key, doc) if collection.shown else doc

    @handles(prefix + "list")
    def list_items(call: Call) -> Doc:
        parent = f"{urls.container(call, collection.scope)}/{collection.plural}"
        return listing(call, list_kind, urls.link(parent), collection.read(call.store, parent + "/"))

    if collection.aggregated:
        serve_aggregated(collection)
    if own_delete:
        return

    @handles(prefix + "delete")
    def delete(call: Call) -> Doc:
        key, doc = existing(call, collection)
        if user := urls.referrer(call.store, key, collection.used_by):
            raise in_use(collection.noun, key, user)
        if collection.check_delete:
            collection.check_delete(call, key, doc)
        args = {"kind": collection.plural, "scope": collection.scope, "key": key}
        return operations.start(call, key, "delete", "delete", args, target_id=doc["id"])


def listing(call: Call, kind: str, link: str, items: list[Doc]) -> Doc:
    chosen, token = filters.page(items, call.params)
    reply: Doc = {"kind": kind, "id": link.removeprefix(operations.API), "selfLink": link}
    if chosen:
        reply["items"] = chosen
    if token:
        reply["nextPageToken"] = token
    return reply


def serve_aggregated(collection: Collection) -> None:
    @handles(f"compute.{collection.service}.aggregatedList")
    def aggregated(call: Call) -> Doc:
        return aggregate(call, collection.plural, collection.kind, collection.read(call.store))


def aggregate(call: Call, plural: str, kind: str, items: list[Doc], list_kind: str = "") -> Doc:
    """Returns items by `zones/z`, `regions/r`, `global`; empty scopes are left out, as `returnPartialSuccess` allows."""
    base = f"projects/{urls.project(call)}"
    chosen, token = filters.page(items, call.params)
    scopes: dict[str, list[Doc]] = {}
    for item in chosen:
        place = item["selfLink"].removeprefix(operations.API).split("/")[2:4]
        scopes.setdefault("global" if place[0] == "global" else "/".join(place), []).append(item)
    link = urls.link(f"{base}/aggregated/{plural}")
    reply: Doc = {
        "kind": list_kind or f"{kind}AggregatedList",
        "id": f"{base}/aggregated/{plural}",
        "selfLink": link,
    }
    reply["items"] = {scope: {plural: found} for scope, found in sorted(scopes.items())} or {
        f"zones/{next(iter(catalog.ZONES))}": {
            "warning": {"code": "NO_RESULTS_ON_PAGE", "message": "There are no results for this scope."}
        }
    }
    if token:
        reply["nextPageToken"] = token
    return reply


@operations.effect("delete")
def _delete(lab: Lab, args: dict[str, Any]) -> None:
    collection = _BY_PLURAL[(args["kind"], args["scope"])]
    doc = lab.store.get(args["kind"], args["key"])
    if doc is None:
        return
    lab.store.delete(args["kind"], args["key"])
    if collection.deleted:
        collection.deleted(lab, args["key"], doc)
