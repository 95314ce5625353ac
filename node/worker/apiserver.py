"""The cluster's API, for the few calls that a worker's agent makes as the Node itself."""

from __future__ import annotations

import ssl
from pathlib import Path

from node.contract.worker import Worker
from node.contract.worker_identity import INSTANCE_ANNOTATION
from node.host import paths, rest
from node.host.files import under
from node.host.rest import Object


class Apiserver:
    """`token` is the VM's identity, for the audience that the masters expect."""

    def __init__(self, worker: Worker, token: str, root: Path = Path("/")) -> None:
        self._worker, self._token = worker, token
        self._authority = under(root, paths.CLUSTER_CA)
        self._node = f"{worker.config.api_url}/api/v1/nodes/{worker.name}"

    def node(self) -> Object | None:
        """Returns None until the kubelet has made it. Raises WebError, or OSError without a readable authority."""
        return self._call("GET")

    def set_pod_range(self) -> None:
        """Once, for ever: what is set can't be changed, and only this Node may set it. With it goes whose range it is: of
        another VM under the same name the masters delete the Node. Raises as `node` does.
        """
        block, notes = self._worker.pod_range, {INSTANCE_ANNOTATION: self._worker.instance_id}
        patch = {"metadata": {"annotations": notes}, "spec": {"podCIDR": block, "podCIDRs": [block]}}
        self._call("PATCH", patch)

    def _call(self, method: str, body: Object | None = None) -> Object | None:
        headers = {"Authorization": f"Bearer {self._token}"}
        if body is not None:
            headers["Content-Type"] = "application/merge-patch+json"
        return rest.call(
            method,
            self._node,
            headers=headers,
            context=ssl.create_default_context(cafile=str(self._authority)),
            body=body,
            may_lack=method == "GET",
        )
