"""A way in, as kubectl and the provider of Kubernetes read it."""

from __future__ import annotations

import base64

import yaml


def kubeconfig(cluster: str, server: str, ca: str, certificate: str, key: str, user: str = "admin") -> str:
    """Returns a user's way in, as `kubectl` reads it."""

    def encoded(pem: str) -> str:
        return base64.b64encode(pem.encode()).decode()

    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": cluster,
                    "cluster": {"server": server, "certificate-authority-data": encoded(ca)},
                }
            ],
            "users": [
                {
                    "name": f"{cluster}-{user}",
                    "user": {
                        "client-certificate-data": encoded(certificate),
                        "client-key-data": encoded(key),
                    },
                }
            ],
            "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": f"{cluster}-{user}"}}],
            "current-context": cluster,
        },
        sort_keys=False,
    )
