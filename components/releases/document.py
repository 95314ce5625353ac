"""The format of a document of releases, the shipped table's and an operator's alike.

    kubernetes:
      "1.36.4":
        kubelet: {amd64: <64 hex digits>, arm64: <64 hex digits>}
        images: {kube-apiserver: "sha256:…", kube-controller-manager: "sha256:…", kube-scheduler: "sha256:…"}
        pause: "3.10.2"
    etcd: {"3.6.8-0": "sha256:…"}
    pause: {"3.10.2": "sha256:…"}

Also `coredns`, `kube-proxy`, `metrics-server`, `cluster-autoscaler` and `cloud-controller-manager`, by tag, and
`containerd`, `runc` and `cni-plugins`, by version and architecture. Nothing else is accepted: a word that is misspelt here
would be a digest that nobody compares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

import yaml

from components.releases.facts import ARCHITECTURES, KubernetesRelease, Releases

T = TypeVar("T")

IMAGES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
TAGGED = (
    "etcd",
    "pause",
    "coredns",
    "kube-proxy",
    "metrics-server",
    "cluster-autoscaler",
    "cloud-controller-manager",
)
PROGRAMS = ("containerd", "runc", "cni-plugins")

REMEDY = "Take it out, and run `python -m admin pin` for what it was to say"

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_TAGS = {
    "etcd": re.compile(r"\d+\.\d+\.\d+-\d+"),
    "pause": re.compile(r"\d+\.\d+(?:\.\d+)?"),
    "coredns": re.compile(r"v\d+\.\d+\.\d+"),
    "kube-proxy": re.compile(r"v\d+\.\d+\.\d+"),
    "metrics-server": re.compile(r"v\d+\.\d+\.\d+"),
    "cluster-autoscaler": re.compile(r"v\d+\.\d+\.\d+"),
    "cloud-controller-manager": re.compile(r"v\d+\.\d+\.\d+"),
}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast where libyaml is there: every preview reads the table."""


class ReleasesError(Exception):
    """A document isn't one. The message is a whole sentence that names file, place and value, and the remedy."""


def read(text: str, origin: str) -> Releases:
    """Returns the releases of a document, which `origin` names in errors. Raises ReleasesError."""
    try:
        data = yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise ReleasesError(f"{origin} is no YAML ({' '.join(str(error).split())}). {REMEDY}.") from None
    top = _object(data, origin, "", ("kubernetes", *TAGGED, *PROGRAMS))
    return Releases(
        kubernetes=_each(top, "kubernetes", origin, _VERSION, _kubernetes),
        containerd=_each(top, "containerd", origin, _VERSION, _files),
        runc=_each(top, "runc", origin, _VERSION, _files),
        cni_plugins=_each(top, "cni-plugins", origin, _VERSION, _files),
        etcd=_each(top, "etcd", origin, _TAGS["etcd"], _digest),
        pause=_each(top, "pause", origin, _TAGS["pause"], _digest),
        coredns=_each(top, "coredns", origin, _TAGS["coredns"], _digest),
        kube_proxy=_each(top, "kube-proxy", origin, _TAGS["kube-proxy"], _digest),
        metrics_server=_each(top, "metrics-server", origin, _TAGS["metrics-server"], _digest),
        cluster_autoscaler=_each(top, "cluster-autoscaler", origin, _TAGS["cluster-autoscaler"], _digest),
        cloud_controller_manager=_each(
            top, "cloud-controller-manager", origin, _TAGS["cloud-controller-manager"], _digest
        ),
    )


def written(releases: Releases) -> str:
    """Returns the document that `read` takes for `releases`. Comments are the caller's."""
    parts: dict[str, Any] = {
        "kubernetes": {
            version: {"kubelet": dict(each.kubelet), "images": dict(each.images), "pause": each.pause}
            for version, each in releases.kubernetes.items()
        },
        **{name: dict(getattr(releases, name.replace("-", "_"))) for name in (*TAGGED, *PROGRAMS)},
    }
    return yaml.safe_dump({key: part for key, part in parts.items() if part}, sort_keys=False, width=200)


def _kubernetes(value: object, origin: str, place: str) -> KubernetesRelease:
    fields = _object(value, origin, place, ("kubelet", "images", "pause"))
    images = _object(fields.get("images"), origin, f"{place}.images", IMAGES)
    if missing := [name for name in IMAGES if name not in images]:
        _refuse(origin, f"{place}.images", images, f"lacks {', '.join(missing)}")
    return KubernetesRelease(
        kubelet=_files(fields.get("kubelet"), origin, f"{place}.kubelet"),
        images={name: _digest(each, origin, f"{place}.images.{name}") for name, each in images.items()},
        pause=_matching(
            _TAGS["pause"], "a tag such as 3.10.2", fields.get("pause"), origin, f"{place}.pause"
        ),
    )


def _files(value: object, origin: str, place: str) -> Mapping[str, str]:
    files = _object(value, origin, place, ARCHITECTURES)
    if missing := [name for name in ARCHITECTURES if name not in files]:
        _refuse(origin, place, files, f"lacks {', '.join(missing)}")
    wanted = "a SHA-256 of 64 hex digits"
    return {
        name: _matching(_SHA256, wanted, files[name], origin, f"{place}.{name}") for name in ARCHITECTURES
    }


def _digest(value: object, origin: str, place: str) -> str:
    return _matching(_DIGEST, "sha256: and 64 hex digits", value, origin, place)


def _each(
    top: Mapping[str, object],
    key: str,
    origin: str,
    name: re.Pattern[str],
    reader: Callable[[object, str, str], T],
) -> dict[str, T]:
    found = {}
    for each, value in _object(top.get(key, {}), origin, key, None).items():
        if name.fullmatch(each) is None:
            _refuse(origin, key, each, "is no version that can stand here")
        found[each] = reader(value, origin, f"{key}.{each}")
    return found


def _object(value: object, origin: str, place: str, known: tuple[str, ...] | None) -> Mapping[str, object]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        _refuse(origin, place, value, "is no object whose keys are texts")
    if known is not None and (unknown := [key for key in value if key not in known]):
        _refuse(origin, place, unknown[0], f"is not known here; known are {', '.join(known)}")
    return value


def _matching(pattern: re.Pattern[str], wanted: str, value: object, origin: str, place: str) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        _refuse(origin, place, value, f"is not {wanted}")
    return value


def _refuse(origin: str, place: str, value: object, wrong: str) -> NoReturn:
    where = f"{origin}: {place}" if place else origin
    raise ReleasesError(f"{where}: {value!r} {wrong}. {REMEDY}.")
