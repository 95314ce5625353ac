"""The cluster's API, for the few calls that a worker's agent makes as the Node itself."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any

from node.contract.worker import Worker
from node.contract.worker_identity import INSTANCE_ANNOTATION
from node.host import paths
from node.host.files import under
from node.host.web import WebError, request

SECONDS = 15.0
_NOT_FOUND = 404
Object = dict[str, Any]


class Apiserver:
    """`token` is the VM's identity, for the audience that the masters expect."""

    def __init__(self, worker: Worker, token: str, root: Path = Path("/")) -> None:
        self._worker, self._token = worker, token
        self._authority = under(root, paths.CLUSTER_CA)
        self._node = f"{worker.config.api_url}/api/v1/nodes/{worker.name}"

    def node(self) -> Object | None:
        """None until the kubelet has made it. Raises WebError, or OSError without a readable authority."""
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
        reply = request(
            method,
            self._node,
            headers=headers,
            body=None if body is None else json.dumps(body).encode(),
            timeout=SECONDS,
            context=ssl.create_default_context(cafile=str(self._authority)),
            allow=(_NOT_FOUND,) if method == "GET" else (),
        )
        if reply.status == _NOT_FOUND:
            return None
        try:
            answer: Object = json.loads(reply.body)
        except ValueError:
            raise WebError(f"{method} {self._node}: the answer is something else than JSON") from None
        return answer
