"""What masters fetch because their image lacks it: the kubelet and the control plane's images, each pinned.

Three sources: the table of releases, which `kubernetesVersion` and `etcd.version` lead to; single entries of `artifacts`,
each in the place of the table's; and the machines' own image, which then holds everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from components.config.artifact_spec import IMAGE, RELEASE, ArtifactsSpec, FileSpec, ImageSpec
from components.config.artifact_values import (
    ARCHIVE,
    DIGITS,
    KUBELET_SHA256,
    MIRROR,
    check_not_newer,
    check_path,
    check_tag,
    file,
    reference,
    sha256,
)
from components.config.errors import Refused
from components.config.released import (
    CLOUD_CONTROLLER,
    CLUSTER_AUTOSCALER,
    CONTROL_PLANE,
    COREDNS,
    ETCD,
    KUBE_PROXY,
    METRICS_SERVER,
    PAUSE,
    Released,
)
from components.config.runtime import OWN_KEYS, read_runtime
from components.config.section import Section, decoded

BARE_PROJECTS = frozenset(
    {
        "centos-cloud",
        "cos-cloud",
        "debian-cloud",
        "fedora-cloud",
        "fedora-coreos-cloud",
        "opensuse-cloud",
        "rhel-cloud",
        "rocky-linux-cloud",
        "suse-cloud",
        "ubuntu-os-cloud",
        "ubuntu-os-pro-cloud",
    }
)
"""Projects of public images, none of which holds a kubelet: https://cloud.google.com/compute/docs/images/os-details."""

_KUBELET = f"Pin it: {{path: <file>, sha256: {DIGITS}}}"
_IMAGES = f"Pin {', '.join(CONTROL_PLANE)}"


@dataclass(frozen=True, slots=True)
class Machines:
    """Whom artifacts are for. `self_contained`: masters stand already that were told of none, and serve. `workers`: there
    are pools, too. `serves`: Services of type LoadBalancer are to have addresses. `measures`: workers run metrics-server.
    `scales`: a pool has `min` and `max`.
    """

    image: str
    self_contained: bool
    workers: bool
    serves: bool = False
    measures: bool = True
    scales: bool = False

    @property
    def bare(self) -> bool:
        return self.image.split("/")[1] in BARE_PROJECTS and not self.self_contained


def read_artifacts(section: Section, machines: Machines, released: Released) -> ArtifactsSpec | None:
    """Returns what masters fetch; None where their image holds all."""
    own = section.values.keys() - {"from"}
    source = section.take("source", default=RELEASE if own or machines.bare else IMAGE)
    if source == IMAGE:
        if own:
            section.refuse(
                "from",
                Refused(
                    f"says that the machines' image holds everything, and {', '.join(sorted(own))} is set beside it",
                    f"Remove one of the two, or write {RELEASE}",
                ),
            )
        return None
    place = _mirror(section)
    kubelet = _kubelet(section, released)
    written = section.within("images", example=_IMAGES)
    images, addons = _images(written, released), _addons(written, machines, released)
    if kubelet is None or not all(name in images for name in CONTROL_PLANE):
        # Who pins all of it says himself whether there is a sandbox's image; else the release does.
        kubelet = kubelet or released.kubelet()
        images = {**released.images(without=images.keys()), **images}
    return ArtifactsSpec(
        mirror=place,
        kubelet=kubelet,
        images=tuple(images[name] for name in (*CONTROL_PLANE, PAUSE) if name in images),
        runtime=read_runtime(section, released),
        addons=addons,
        cloud_controller=_cloud_controller(written, machines),
    )


def _mirror(section: Section) -> str:
    """Returns the release's own mirror, unless a file is the operator's: where that lies, only he knows."""
    images = decoded(section.raw("images", {}))
    files = [section.raw(key) for key in ("kubelet", *OWN_KEYS)]
    files += images.values() if isinstance(images, Mapping) else ()
    if "kubelet" in section.values or any(isinstance(decoded(each), Mapping) for each in files):
        remedy = f"Name where the files lie: {MIRROR}, or gs://<bucket>/<prefix>"
        return str(section.take("mirror", default="", remedy=remedy))
    return str(section.take("mirror"))


def _kubelet(section: Section, released: Released) -> FileSpec | None:
    if "kubelet" not in section.values:
        return None

    def path(value: object) -> str:
        given = file(value)
        check_path(given, "kubernetesVersion", released.kubernetes)
        return given

    kubelet = section.within("kubelet", example=_KUBELET)
    example = "Write it below the mirror, such as release/v1.36.3/bin/linux/amd64/kubelet"
    return FileSpec(
        path=kubelet.take("path", path, remedy=example),
        sha256=kubelet.take("sha256", sha256(KUBELET_SHA256), remedy=KUBELET_SHA256),
    )


def _pulled(value: object) -> str:
    if isinstance(decoded(value), Mapping):
        raise Refused(
            "is an archive, and nodes pull it by themselves",
            f"Put it into a registry, and write <registry/name:tag>@sha256:{DIGITS}",
        )
    return reference(value, archive=False)


def _cloud_controller(images: Section, machines: Machines) -> str:
    if CLOUD_CONTROLLER not in images.values:
        return ""
    if not machines.serves:
        remedy = "Remove it, or write cloudController: services"
        images.refuse(CLOUD_CONTROLLER, Refused("is for clusters whose cloudController isn't off", remedy))
        return ""
    remedy = f"Write <registry/name:tag>@sha256:{DIGITS}"
    return images.require(CLOUD_CONTROLLER, _pulled, "", remedy)


def _addons(images: Section, machines: Machines, released: Released) -> dict[str, str]:
    """Returns what stands there for pods that nodes pull as all others: no machine loads an archive for them."""

    def proxy(value: object) -> str:
        given = _pulled(value)
        check_not_newer(given, "kubernetesVersion", released.kubernetes)
        return given

    found = {}
    pulled = dict.fromkeys((COREDNS, METRICS_SERVER, CLUSTER_AUTOSCALER), _pulled)
    for name, reader in ({KUBE_PROXY: proxy} | pulled).items():
        if name not in images.values:
            continue
        if not machines.workers:
            remedy = "Remove it, or write pools: docs/guides/pools.md"
            images.refuse(name, Refused("is for clusters with workers, and there are no pools", remedy))
        elif name == METRICS_SERVER and not machines.measures:
            wrong = "is for clusters whose metricsServer isn't false"
            images.refuse(name, Refused(wrong, "Remove one of the two"))
        elif name == CLUSTER_AUTOSCALER and not machines.scales:
            wrong = "is for clusters with a pool that has min and max"
            images.refuse(name, Refused(wrong, "Remove it, or write them for a pool: docs/guides/pools.md"))
        elif given := images.require(name, reader, "", f"Write <registry/name:tag>@sha256:{DIGITS}"):
            found[name] = given
    return found


def _images(images: Section, released: Released) -> dict[str, ImageSpec]:
    asked_for = {
        ETCD: ("etcd.version", released.etcd),
        **dict.fromkeys(CONTROL_PLANE[1:], ("kubernetesVersion", released.kubernetes)),
        PAUSE: ("", None),
    }
    return {
        name: _image(images, name, key, version)
        for name, (key, version) in asked_for.items()
        if images.raw(name) is not None or name in images.values
    }


def _image(images: Section, name: str, version_key: str, version: str | None) -> ImageSpec:
    """Returns an image that is pulled by digest, or an archive on the mirror."""

    def read(value: object, archive: bool) -> str:
        given = reference(value, archive)
        check_tag(given, version_key, version)
        return given

    if not isinstance(decoded(images.raw(name)), Mapping):
        remedy = f"Write <registry/name:tag>@sha256:{DIGITS}, or an archive: {ARCHIVE}"
        return ImageSpec(name, images.require(name, lambda value: read(value, archive=False), "", remedy))
    item = images.within(name.replace("-", "_"))
    return ImageSpec(
        name,
        reference=item.require(
            "reference",
            lambda value: read(value, archive=True),
            "",
            "Write the name that the image has in the archive: `tar -xOf <archive> manifest.json` shows it",
        ),
        archive=FileSpec(path=item.take("path"), sha256=item.take("sha256")),
    )
