"""This replica's keys and certificates, from Secret Manager with the machine's own token."""

from __future__ import annotations

import base64
import json
import re

from node.bootstrap.metadata import Metadata
from node.bootstrap.web import request
from node.fields import FormatError

_FILE = re.compile(r"[a-z0-9][-a-z0-9]*\.(crt|key|pub)")

NEEDED = frozenset(
    [
        "ca.crt",
        "front-proxy-ca.crt",
        "etcd-peer-ca.crt",
        "etcd-client-ca.crt",
        "service-account.key",
        "service-account.pub",
        "secrets-encryption.key",
        *(
            f"{stem}.{end}"
            for stem in (
                "etcd-peer",
                "etcd-server",
                "etcd-client",
                "apiserver",
                "apiserver-kubelet-client",
                "kubelet",
                "controller-manager",
                "scheduler",
                "front-proxy",
            )
            for end in ("crt", "key")
        ),
    ]
)


def fetch(endpoint: str, version: str, metadata: Metadata) -> dict[str, str]:
    """File name to content. `version` is a resource name, `projects/…/secrets/…/versions/…`."""
    return _access(endpoint, version, metadata)[1]


def fetch_newest(endpoint: str, version: str, metadata: Metadata) -> tuple[str, dict[str, str]]:
    """The newest version of the same secret, by its own name and with its files. Raises WebError also where the newest one
    is disabled: `latest` means whatever was added last.
    """
    of = version.rpartition("/")[0]
    name, files = _access(endpoint, f"{of}/latest", metadata)
    return f"{of}/{number(name)}", files


def number(version: str) -> int:
    """Of a version's resource name. Google answers with the project's number in it where it was asked by the project's id,
    so this alone tells versions of one secret apart.
    """
    last = version.rpartition("/")[2]
    if not last.isdigit():
        raise FormatError(
            f"the secret's version is {version!r}; expected projects/…/secrets/…/versions/ and a number"
        )
    return int(last)


def _access(endpoint: str, version: str, metadata: Metadata) -> tuple[str, dict[str, str]]:
    reply = request("GET", f"{endpoint}/v1/{version}:access", headers=metadata.authorization())
    answer = json.loads(reply.body)
    return str(answer["name"]), parse(base64.b64decode(answer["payload"]["data"]))


def parse(payload: bytes) -> dict[str, str]:
    """Raises FormatError for what can't serve; never with any of the content in its message."""
    try:
        files = json.loads(payload)
    except ValueError:
        files = None
    if not isinstance(files, dict):
        raise FormatError("the replica's secret is no JSON object of file names: run `pulumi up` again")
    for name, content in files.items():
        if not _FILE.fullmatch(name) or not isinstance(content, str):
            raise FormatError(f"the replica's secret holds {name!r}, which is no file name of a key")
    if missing := sorted(NEEDED - files.keys()):
        raise FormatError(f"the replica's secret lacks {', '.join(missing)}: run `pulumi up` again")
    return files
