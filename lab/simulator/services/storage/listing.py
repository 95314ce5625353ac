"""Lists of objects: prefixes, pages, versions (Cloud Storage's 'Objects: list')."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

from lab.simulator.errors import ApiError
from lab.simulator.registry import Call, handles
from lab.simulator.services.storage import buckets
from lab.simulator.services.storage.generations import LIVE, NONCURRENT

_LARGEST_PAGE = 1000
Doc = dict[str, Any]


@handles("storage.objects.list")
def list_(call: Call) -> Doc:
    bucket = buckets.found(call, call.params["bucket"])
    buckets.authorize(call, "storage.objects.list", bucket["name"])
    if call.params.get("softDeleted"):
        raise ApiError(501, "notImplemented", "The simulator keeps no soft-deleted objects.")
    scope = f"{bucket['name']}/{call.params.get('prefix', '')}"
    docs = [doc for _, doc in call.store.list(LIVE, scope)]
    if call.params.get("versions"):
        docs += [doc for _, doc in call.store.list(NONCURRENT, scope)]
        docs.sort(key=lambda d: (d["name"].encode(), int(d["generation"])))
    return page(docs, call.params)


def page(docs: list[Doc], params: dict[str, Any]) -> Doc:
    """Returns items and prefixes of a page; both count towards its size. `docs` are in order and fit the prefix."""
    size = min(int(params.get("maxResults") or _LARGEST_PAGE), _LARGEST_PAGE)
    after = base64.urlsafe_b64decode(params["pageToken"]).decode() if params.get("pageToken") else ""
    items: list[Doc] = []
    prefixes: list[str] = []
    last = ""
    for doc in _wanted(docs, params):
        folded = _folded(doc["name"], params)
        place = folded or f"{doc['name']}#{int(doc['generation']):020d}"
        as_item = not folded or (params.get("includeTrailingDelimiter") and doc["name"] == folded)
        new_prefix = folded and folded not in prefixes[-1:]
        if (after and place <= after) or not (as_item or new_prefix):
            continue
        if len(items) + len(prefixes) >= size:
            token = base64.urlsafe_b64encode(last.encode()).decode()
            return _reply(items, prefixes) | {"nextPageToken": token}
        last = place
        if new_prefix:
            prefixes.append(folded)
        if as_item:
            items.append(doc)
    return _reply(items, prefixes)


def _wanted(docs: list[Doc], params: dict[str, Any]) -> Iterator[Doc]:
    glob = _glob(params["matchGlob"]) if params.get("matchGlob") else None
    for doc in docs:
        name = doc["name"]
        early = name < params.get("startOffset", "")
        late = "endOffset" in params and name >= params["endOffset"]
        if not early and not late and (glob is None or glob.fullmatch(name)):
            yield doc


def _folded(name: str, params: dict[str, Any]) -> str:
    """Returns the prefix that stands for `name` in the list, or nothing."""
    delimiter = params.get("delimiter", "")
    cut = name.find(delimiter, len(params.get("prefix", ""))) if delimiter else -1
    return name[: cut + len(delimiter)] if cut >= 0 else ""


def _reply(items: list[Doc], prefixes: list[str]) -> Doc:
    reply: Doc = {"kind": "storage#objects"}
    if prefixes:
        reply["prefixes"] = prefixes
    if items:
        reply["items"] = items
    return reply


def _glob(pattern: str) -> re.Pattern[str]:
    """Returns an expression for a glob: `*` stays within a folder, `**` doesn't; `?`, `[ab]` and `{a,b}` as usual."""
    parts = re.findall(r"\*\*/?|\*|\?|\[[^\]]*\]|\{[^}]*\}|.", pattern, re.DOTALL)
    translated = ""
    for part in parts:
        if part == "**/":
            translated += "(?:.*/)?"
        elif part == "**":
            translated += ".*"
        elif part == "*":
            translated += "[^/]*"
        elif part == "?":
            translated += "[^/]"
        elif part[0] == "[" and len(part) > 1:
            translated += part
        elif part[0] == "{" and len(part) > 1:
            translated += "(?:" + "|".join(re.escape(p) for p in part[1:-1].split(",")) + ")"
        else:
            translated += re.escape(part)
    return re.compile(translated, re.DOTALL)
