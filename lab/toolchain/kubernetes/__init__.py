"""etcd, Kubernetes, CoreDNS, metrics-server and others as executables, built from Go modules pinned here.

    folder = ensure("etcd")  # ~/.cache/ha-masters/kubernetes/<key>/bin
    subprocess.run([folder / "etcd", "--version"])

recipe.py   what is built from what, and the key that names the result
build.py    builds it
etcd/       the Go module that pins etcd
binaries/   the Go module that pins Kubernetes
coredns/    the Go module that pins CoreDNS, and its program
metrics/    the Go module that pins metrics-server
cloud/      the Go module that pins Google's cloud controller manager, and its program
kwok/       the Go module that pins kwok, which plays nodes and pods
judge/      a program around the judge of etcd's own robustness tests
provider/   the Go module that pins Pulumi's provider of Kubernetes, and its program
conformance/  the Go module that pins Kubernetes' own tests
plugin.py   puts that where the engine finds it
"""

from __future__ import annotations

from .build import ensure

__all__ = ["ensure"]
