"""Archives of other releases than the machines' image holds, on a mirror of the lab's, as the guide on artifacts has it.

They lie in the cluster's own bucket, which masters may read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import requests

from lab.machines import image
from lab.machines.image import archive
from lab.machines.image.recipe import BUSYBOX, PAUSE, Built, ContainerImage
from lab.machines.image.recipe import images as own_images
from lab.toolchain import kubernetes
from lab.toolchain.kubernetes.recipe import ETCD, KUBERNETES
from tests.stack.invariants import BUCKET

PREFIX = "mirror"
PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")


@dataclass
class Mirror:
    """`folder` is for archives on their way; what was uploaded once is not again."""

    endpoint: str
    folder: Path
    _sums: dict[str, str] = field(default_factory=dict)

    def config(self, kubernetes_version: str = KUBERNETES, etcd_version: str = ETCD) -> dict[str, Any]:
        """The stack's keys for masters of these versions; what isn't there yet is built (minutes) and uploaded."""
        programs = kubernetes.ensure(_group("kubernetes", kubernetes_version, KUBERNETES))
        members = kubernetes.ensure(_group("etcd", etcd_version, ETCD))
        pins = {name: self._image(_image(name, programs, f"v{kubernetes_version}")) for name in PROGRAMS}
        pins["etcd"] = self._image(_image("etcd", members, etcd_version, "etcdctl", "etcdutl"))
        pins["pause"] = self._image(_pause())
        kubelet = f"kubelet-{kubernetes_version}"
        return {
            "kubernetesVersion": kubernetes_version,
            "etcd": {"version": etcd_version},
            "artifacts": {
                "mirror": f"gs://{BUCKET}/{PREFIX}",
                "kubelet": {"path": kubelet, "sha256": self._file(kubelet, lambda: programs / "kubelet")},
                "images": pins,
            },
        }

    def _image(self, wanted: ContainerImage) -> dict[str, str]:
        path = f"{wanted.reference.rpartition('/')[2].replace(':', '-')}.tar"
        return {
            "reference": wanted.reference,
            "path": path,
            "sha256": self._file(path, partial(self._written, wanted, path)),
        }

    def _written(self, wanted: ContainerImage, path: str) -> Path:
        self.folder.mkdir(exist_ok=True)
        archive.write(wanted, self.folder / path)
        return self.folder / path

    def _file(self, path: str, made: Callable[[], Path]) -> str:
        if path not in self._sums:
            source = made()
            with source.open("rb") as file:
                self._sums[path] = hashlib.file_digest(file, "sha256").hexdigest()
                file.seek(0)
                reply = requests.post(
                    f"{self.endpoint}/upload/storage/v1/b/{BUCKET}/o",
                    params={"uploadType": "media", "name": f"{PREFIX}/{path}"},
                    headers={"Authorization": "Bearer lab-owner"},
                    data=file,
                    timeout=300,
                )
            assert reply.ok, reply.text
        return self._sums[path]


def _group(name: str, version: str, own: str) -> str:
    return name if version == own else f"{name}-{version}"


def _image(name: str, folder: Path, version: str, *beside: str) -> ContainerImage:
    """As the machines' own image names them."""
    program = f"/usr/local/bin/{name}"
    others = tuple(folder / each for each in beside)
    return ContainerImage(f"ha-masters.local/{name}:{version}", folder / name, program, (program,), others)


def _pause() -> ContainerImage:
    """The image's own, without which containerd looks for its default in a registry."""
    root = image.ensure().root
    found = own_images(Built(root, root, root, root, root, {}))
    return next(each for each in found if each.reference == PAUSE and each.program == BUSYBOX)
