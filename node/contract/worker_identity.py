"""Who a worker is: what Google says of its VM, and what Kubernetes takes it for. No key of ours is in it.

A worker's kubelet shows the identity token that Google's metadata server signs for its VM, `format=full`. The API server
checks it by the rules in `node.manifests.worker_authentication`, and its user is the node of the VM's name:
https://cloud.google.com/compute/docs/instances/verifying-instance-identity has the token's claims.
"""

from __future__ import annotations

from typing import Final

ISSUER: Final = "https://accounts.google.com"
"""In `iss` of every identity token of Google's. An authentication configuration may name an issuer once."""

KEYS_PATH: Final = "/oauth2/v3/certs"
"""Below `https://www.googleapis.com`, or the endpoint that a machine's metadata name in its place: the issuer's keys."""

USER_PREFIX: Final = "system:node:"
GROUP: Final = "system:nodes"
ZONE_KEY: Final = "ha-masters.dev/zone"
"""Of the user's `extra`: the zone of its VM. API servers write it into signing requests, with the VM's id as the uid."""

INSTANCE_ANNOTATION: Final = "ha-masters.dev/instance-id"
"""Of a worker's Node, if it writes one: the VM that it stands for, for one that is made anew keeps its name."""

MASTERS_PERMISSIONS: Final = ("compute.instances.get", "compute.instances.list")
"""What the masters' account needs in the project to admit workers and to see which are gone."""
