"""What masters fetch because their image lacks it: the kubelet and the control plane's images, each pinned."""

import re
from collections.abc import Callable, Mapping

from components.config.errors import Refused
from components.config.section import Section, decoded
from components.config.spec import ArtifactsSpec, FileSpec, ImageSpec
from components.config.values import kind, text

ETCD = "etcd"
CONTROL_PLANE = (ETCD, "kube-apiserver", "kube-controller-manager", "kube-scheduler")
PAUSE = "pause"

_DIGITS = "<64 hex digits>"
_ARCHIVE = f"{{reference: <registry/name:tag>, path: <file>, sha256: {_DIGITS}}}"
_KUBELET = f"Pin it: {{path: <file>, sha256: {_DIGITS}}}"
_IMAGES = f"Pin {', '.join(CONTROL_PLANE)}"
_KUBELET_SHA256 = (
    "Copy it from https://dl.k8s.io/release/<version>/bin/linux/amd64/kubelet.sha256, or your own build's"
)
_ARCHIVE_SHA256 = "Write what `sha256sum` prints for the archive that you put on the mirror"

_SEGMENTS = r"[\w.~+-]+(?:/[\w.~+-]+)*"
_FILE = re.compile(_SEGMENTS, re.ASCII)
_MIRROR = re.compile(rf"(?:https|gs)://[a-z0-9][-_.a-z0-9]*(?::\d+)?(?:/{_SEGMENTS})?", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REFERENCE = re.compile(
    r"(?P<registry>[a-z0-9][-.a-z0-9]*(?::\d+)?)(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
_RELEASE_OF_PATH = re.compile(r"\bv(1\.\d+\.\d+)\b")
_RELEASE_OF_TAG = re.compile(r"v?(\d+\.\d+\.\d+)(?![.\d])")


def read_artifacts(section: Section, *, kubernetes: str | None, etcd: str | None) -> ArtifactsSpec | None:
    """None without any key: the machines' image holds all. The versions are None where they are not to be relied on."""
    if not section.values:
        return None
    return ArtifactsSpec(
        mirror=section.require(
            "mirror", _mirror, "", "Name where the kubelet lies: https://dl.k8s.io, or gs://<bucket>/<prefix>"
        ),
        kubelet=_kubelet(section, kubernetes),
        images=_images(section, kubernetes, etcd),
    )


def _kubelet(section: Section, kubernetes: str | None) -> FileSpec:
    if "kubelet" not in section.values:
        section.refuse("kubelet", Refused("is missing", f"{_KUBELET}; nothing else installs one"))
        return FileSpec("", "")

    def path(value: object) -> str:
        given = _file(value)
        _check_release(_RELEASE_OF_PATH.search(given), "kubernetesVersion", kubernetes)
        return given

    kubelet = section.section("kubelet", "artifacts.kubelet", _KUBELET)
    return FileSpec(
        path=kubelet.require(
            "path", path, "", "Write it below the mirror, such as release/v1.36.3/bin/linux/amd64/kubelet"
        ),
        sha256=kubelet.require("sha256", _sha256(_KUBELET_SHA256), "", _KUBELET_SHA256),
    )


def _images(section: Section, kubernetes: str | None, etcd: str | None) -> tuple[ImageSpec, ...]:
    if "images" not in section.values:
        section.refuse("images", Refused("is missing", _IMAGES))
        return ()
    images = section.section("images", "artifacts.images", _IMAGES)
    read = [_image(images, ETCD, "etcd.version", etcd)]
    read += [_image(images, name, "kubernetesVersion", kubernetes) for name in CONTROL_PLANE[1:]]
    if PAUSE in images.values:
        read.append(_image(images, PAUSE, "", None))
    return tuple(read)


def _image(images: Section, name: str, version_key: str, version: str | None) -> ImageSpec:
    """One that is pulled by digest, or an archive on the mirror."""

    def reference(value: object, archive: bool) -> str:
        given = _reference(value, archive)
        tag = given.partition("@")[0].rpartition("/")[2].partition(":")[2]
        _check_release(_RELEASE_OF_TAG.match(tag), version_key, version)
        return given

    if not isinstance(decoded(images.raw(name)), Mapping):
        remedy = f"Write <registry/name:tag>@sha256:{_DIGITS}, or an archive: {_ARCHIVE}"
        return ImageSpec(
            name, images.require(name, lambda value: reference(value, archive=False), "", remedy)
        )
    item = images.section(name, "artifacts.images.<image>")
    return ImageSpec(
        name,
        reference=item.require(
            "reference",
            lambda value: reference(value, archive=True),
            "",
            "Write the name that the image has in the archive: `tar -xOf <archive> manifest.json` shows it",
        ),
        archive=FileSpec(
            path=item.require("path", _file, "", "Write the archive's path below the mirror"),
            sha256=item.require("sha256", _sha256(_ARCHIVE_SHA256), "", _ARCHIVE_SHA256),
        ),
    )


def _mirror(value: object) -> str:
    given = text(value).rstrip("/")
    if not given.startswith(("https://", "gs://")):
        raise Refused(
            "is neither https:// nor gs://", "Write https://<host>/<path> or gs://<bucket>/<prefix>"
        )
    if _MIRROR.fullmatch(given) is None:
        raise Refused(
            "is not a place that masters can read",
            "Write https://<host>/<path> or gs://<bucket>/<prefix>, without password and query",
        )
    return given


def _file(value: object) -> str:
    given = text(value)
    if given.startswith("/"):
        raise Refused("begins with a slash", "Write the path below the mirror, without the slash")
    if _FILE.fullmatch(given) is None or {".", ".."} & set(given.split("/")):
        raise Refused(
            "is not a path below the mirror",
            "Use letters, digits and .-_~+ between slashes, without the mirror",
        )
    return given


def _sha256(remedy: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        given = text(value).lower()
        if _SHA256.fullmatch(given) is None:
            raise Refused("is not a SHA-256, which has 64 hex digits", remedy)
        return given

    return read


def _reference(value: object, archive: bool) -> str:
    """An image's name with its registry: containerd would look for a shorter one at Docker's."""
    if value is not None and not isinstance(value, str):
        raise Refused(
            f"is {kind(value)} where an image is wanted",
            f"Write <registry/name:tag>@sha256:{_DIGITS}, or an archive: {_ARCHIVE}",
        )
    given = text(value)
    match = _REFERENCE.fullmatch(given)
    if match is None or not {".", ":"} & set(match["registry"]):
        example = "registry.k8s.io/kube-apiserver:v1.36.3" + ("" if archive else f"@sha256:{_DIGITS}")
        raise Refused("is not an image's full reference", f"Write it with its registry, such as {example}")
    if archive and match["digest"]:
        raise Refused(
            "has a digest, and an archive is found by its tag",
            "Leave the digest out; sha256 pins the archive",
        )
    if archive and not match["tag"]:
        raise Refused("has no tag", "Write it as it stands in the archive, with its tag")
    if not archive and not match["digest"]:
        raise Refused("is not pinned", f"Add @ and what `crane digest {given}` prints: a tag can be moved")
    return given


def _check_release(found: re.Match[str] | None, key: str, version: str | None) -> None:
    """A new version with the old artifacts would change nothing, and look as if it had."""
    if found and version and found[1] != version:
        raise Refused(f"is of {found[1]}, and {key} is {version}", f"Pin that of {version}, or change {key}")
