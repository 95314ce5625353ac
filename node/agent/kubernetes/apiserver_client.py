"""The local apiserver's REST API, for the few calls that the add-on loop makes."""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.parse import urlencode

from node.contract.metadata import Machine
from node.host import paths, rest
from node.host.files import under
from node.host.rest import Object
from node.host.web import request

FIELD_MANAGER = "ha-masters-addons"
_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"


class ApiserverClient:
    """With the apiserver's own client certificate for kubelets, the only one on a master that may do everything
    (`system:masters`).
    """

    def __init__(self, machine: Machine, root: Path) -> None:
        def secret(name: str) -> str:
            return str(under(root, paths.secret(name)))

        self._base = machine.api_url
        self._context = ssl.create_default_context(cafile=secret("ca.crt"))
        self._context.load_cert_chain(
            secret("apiserver-kubelet-client.crt"), secret("apiserver-kubelet-client.key")
        )
        self._resources: dict[str, dict[str, tuple[str, bool]]] = {}

    def get(self, path: str, *, metadata_only: bool = False) -> Object | None:
        """Returns None where there is nothing. `metadata_only` of a list: its items, with nothing but their metadata."""
        return self._call("GET", path, accept=_METADATA_ONLY if metadata_only else "")

    def lines(self, path: str, beginning: str) -> list[str]:
        """Of a long text, the lines that begin so."""
        sink = _Lines(beginning)
        request("GET", f"{self._base}{path}", timeout=rest.SECONDS, context=self._context, sink=sink)
        return sink.finish()

    def table(self, path: str) -> list[dict[str, str]] | None:
        """Returns a list as `kubectl get` asks for it: each row by its columns, without the objects. None where none is:
        https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables.
        """
        found = self._call("GET", f"{path}?includeObject=None", accept=_TABLE)
        if found is None:
            return None
        columns = [str(each["name"]) for each in found["columnDefinitions"]]
        return [dict(zip(columns, map(str, row["cells"]), strict=True)) for row in found.get("rows") or ()]

    def delete(self, path: str) -> None:
        self._call("DELETE", path)

    def write_again(self, path: str) -> None:
        """As it is read, which changes nothing but how it is stored. Nothing happens where there is nothing."""
        if found := self.get(path):
            self._call("PUT", path, found, "application/json")

    def create(self, path: str, wanted: Object) -> None:
        self._call("POST", path, wanted, "application/json")

    def merge(self, path: str, patch: Object) -> None:
        self._call("PATCH", path, patch, "application/merge-patch+json")

    def apply(self, wanted: Object) -> None:
        """Server-side: several masters that apply the same are one field manager, so they never disagree."""
        query = urlencode({"fieldManager": FIELD_MANAGER, "force": "true"})
        self._call("PATCH", f"{self.path(wanted)}?{query}", wanted, "application/apply-patch+yaml")

    def path(self, wanted: Object) -> str:
        """Raises KeyError for a kind that the apiserver doesn't serve, yet or ever."""
        group = f"/api/{wanted['apiVersion']}"
        if "/" in wanted["apiVersion"]:
            group = f"/apis/{wanted['apiVersion']}"
        if wanted["kind"] not in self._resources.get(group, {}):
            self._resources[group] = self._discover(group)
        plural, namespaced = self._resources[group][wanted["kind"]]
        metadata = wanted["metadata"]
        scope = f"namespaces/{metadata.get('namespace', 'default')}/" if namespaced else ""
        return f"{group}/{scope}{plural}/{metadata['name']}"

    def _discover(self, group: str) -> dict[str, tuple[str, bool]]:
        listed = (self.get(group) or {}).get("resources", [])
        return {
            each["kind"]: (each["name"], each["namespaced"]) for each in listed if "/" not in each["name"]
        }

    def _call(
        self, method: str, path: str, body: Object | None = None, kind: str = "", accept: str = ""
    ) -> Object | None:
        headers = {"Content-Type": kind, "Accept": accept}
        return rest.call(
            method,
            f"{self._base}{path}",
            headers={name: value for name, value in headers.items() if value},
            context=self._context,
            body=body,
            may_lack=method in ("GET", "DELETE"),
        )


class _Lines:
    """Takes a text in chunks and keeps the lines that begin with `beginning`."""

    def __init__(self, beginning: str) -> None:
        self._beginning, self._rest = beginning.encode(), b""
        self._found: list[str] = []

    def write(self, chunk: bytes) -> int:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._found += [line.decode(errors="replace") for line in lines if line.startswith(self._beginning)]
        return len(chunk)

    def finish(self) -> list[str]:
        self.write(b"\n")
        return self._found
