"""A replica's secret: one JSON object of file names and their texts, which Pulumi stores and the machine lays down."""

from __future__ import annotations

import json
import re

from node.contract.fields import FormatError

_FILE = re.compile(r"[a-z0-9][-a-z0-9]*\.(crt|key|pub)")

ENCRYPTION_KEYS = ("secrets-encryption.key", "secrets-encryption-previous.key")
"""Names in the replica's secret, of the key that writes and of the other, which is there while a key is being replaced."""

SERVING_CA, SERVING_CA_KEY = "kubelet-serving-ca.crt", "kubelet-serving-ca.key"
"""Only where the stack has pools: the authority that signs workers' kubelets as servers, and nothing else."""

NEEDED = frozenset(
    [
        "ca.crt",
        "front-proxy-ca.crt",
        "etcd-peer-ca.crt",
        "etcd-client-ca.crt",
        "service-account.key",
        "service-account.pub",
        ENCRYPTION_KEYS[0],
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
