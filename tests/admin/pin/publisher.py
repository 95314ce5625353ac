"""dl.k8s.io and registry.k8s.io on this machine: token-free, redirecting as both do, and held to what they publish."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Self

from tests.http_server import HttpServer, Quiet

INDEX = "application/vnd.oci.image.index.v1+json"


def index(name: str, architectures: tuple[str, ...] = ("amd64", "arm64", "s390x")) -> bytes:
    """An index as registries have it; another one for another name."""
    manifests = [
        {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": f"sha256:{hashlib.sha256(f'{name} {architecture}'.encode()).hexdigest()}",
            "size": 1000,
            "platform": {"architecture": architecture, "os": "linux"},
        }
        for architecture in architectures
    ]
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}).encode()


def digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


@dataclass
class Answer:
    """`status`, `claimed` and `cut` say what a publisher does that isn't well."""

    body: bytes = b""
    status: int = 200
    claimed: str | None = None
    cut: int = 0
    to: str = ""


@dataclass
class Publisher:
    """Answers by path. Manifests carry the digest of their body, unless another is `claimed`."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        publisher = self

        class Handler(Quiet):
            def do_GET(self) -> None:
                publisher.answer(self)

        self._server = HttpServer(Handler).__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    @property
    def url(self) -> str:
        return self._server.url

    def kubernetes(self, version: str) -> None:
        for architecture in ("amd64", "arm64"):
            kubelet = f"kubelet of {version} for {architecture}".encode()
            path = f"/release/v{version}/bin/linux/{architecture}/kubelet"
            self.answers[path] = Answer(to=f"/cdn{path}", status=302)
            self.answers[f"/cdn{path}"] = Answer(kubelet)
            self.answers[f"{path}.sha256"] = Answer(hashlib.sha256(kubelet).hexdigest().encode())
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"):
            self.image(name, f"v{version}")

    def image(self, name: str, tag: str) -> None:
        """Behind a redirect, as manifests of registry.k8s.io are."""
        path = f"/v2/{name}/manifests/{tag}"
        self.answers[path] = Answer(to=f"/v2/k8s-artifacts-prod/images/{name}/manifests/{tag}", status=307)
        self.answers[self.answers[path].to] = Answer(index(f"{name}:{tag}"))

    def answer(self, request: Quiet) -> None:
        self.asked.append(request.path)
        found = self.answers.get(request.path, Answer(b"not found", 404))
        request.send_response(found.status)
        if found.to:
            request.send_header("Location", found.to)
        if "/manifests/" in request.path and found.status == 200:
            assert INDEX in request.headers["Accept"]
            request.send_header("Content-Type", INDEX)
            claimed = digest(found.body) if found.claimed is None else found.claimed
            request.send_header("Docker-Content-Digest", claimed)
        request.send_header("Content-Length", str(len(found.body)))
        request.end_headers()
        request.wfile.write(found.body[: len(found.body) - found.cut])
