"""Reads of Cloud Storage's XML API, as calls of the JSON API: Google's client for Go reads an object's content there.

`GET /bucket/object` is all of that API which is served: https://docs.cloud.google.com/storage/docs/xml-api/get-object.
"""

from __future__ import annotations

import re
from dataclasses import replace

from lab.simulator.exchange import Request

_OBJECT = re.compile(r"/(?P<bucket>[a-z0-9][-_.a-z0-9]{1,220}[a-z0-9])/(?P<name>.+)")
_OTHERS = re.compile(r"/(?:lab|compute|storage|dns|upload|download|resumable|batch|v\d+)(?:/|$)")


def as_json_call(request: Request) -> Request:
    """The same read as `storage.objects.get`; any other request as it is. Names of buckets have three letters at least, so
    none is `v1`.
    """
    found = _OBJECT.fullmatch(request.path)
    if found is None or request.method not in ("GET", "HEAD") or _OTHERS.match(request.path):
        return request
    name = found["name"].replace("/", "%2F")
    query = f"{request.query}&alt=media" if request.query else "alt=media"
    return replace(request, path=f"/storage/v1/b/{found['bucket']}/o/{name}", query=query)
