"""Single values of `artifacts`: mirrors, files, checksums and images' references."""

from __future__ import annotations

import re
from collections.abc import Callable

from components.config.errors import Refused
from components.config.values import kind, text
from components.config.versions import numbers

MIRROR = "https://dl.k8s.io"
"""Where https://kubernetes.io/releases/download/ has files."""

DIGITS = "<64 hex digits>"
ARCHIVE = f"{{reference: <registry/name:tag>, path: <file>, sha256: {DIGITS}}}"
KUBELET_SHA256 = (
    "Copy it from https://dl.k8s.io/release/<version>/bin/linux/amd64/kubelet.sha256, or your own build's"
)
ARCHIVE_SHA256 = "Write what `sha256sum` prints for the archive that you put on the mirror"

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


def mirror(value: object) -> str:
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


def file(value: object) -> str:
    given = text(value)
    if given.startswith("/"):
        raise Refused("begins with a slash", "Write the path below the mirror, without the slash")
    if _FILE.fullmatch(given) is None or {".", ".."} & set(given.split("/")):
        raise Refused(
            "is not a path below the mirror",
            "Use letters, digits and .-_~+ between slashes, without the mirror",
        )
    return given


def sha256(remedy: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        given = text(value).lower()
        if _SHA256.fullmatch(given) is None:
            raise Refused("is not a SHA-256, which has 64 hex digits", remedy)
        return given

    return read


def reference(value: object, archive: bool) -> str:
    """Returns an image's name with its registry: containerd would look for a shorter one at Docker's."""
    if value is not None and not isinstance(value, str):
        raise Refused(
            f"is {kind(value)} where an image is wanted",
            f"Write <registry/name:tag>@sha256:{DIGITS}, or an archive: {ARCHIVE}",
        )
    given = text(value)
    match = _REFERENCE.fullmatch(given)
    if match is None or not {".", ":"} & set(match["registry"]):
        example = "registry.k8s.io/kube-apiserver:v1.36.3" + ("" if archive else f"@sha256:{DIGITS}")
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


def check_path(given: str, key: str, version: str | None) -> None:
    _check_release(_RELEASE_OF_PATH.search(given), key, version)


def check_tag(given: str, key: str, version: str | None) -> None:
    _check_release(_RELEASE_OF_TAG.match(_tag(given)), key, version)


def check_not_newer(given: str, key: str, version: str | None) -> None:
    """Raises Refused for one that may not ask API servers of `version`: https://kubernetes.io/releases/version-skew-policy."""
    found = _RELEASE_OF_TAG.match(_tag(given))
    if found and version and numbers(found[1]) > numbers(version):
        raise Refused(
            f"is of {found[1]}, and {key} is {version}",
            f"Pin that of {version} or of an older one: a kube-proxy must not be newer than the API servers",
        )


def _tag(given: str) -> str:
    return given.partition("@")[0].rpartition("/")[2].partition(":")[2]


def _check_release(found: re.Match[str] | None, key: str, version: str | None) -> None:
    """Raises Refused for another release: a new version with old artifacts would change nothing."""
    if found and version and found[1] != version:
        raise Refused(f"is of {found[1]}, and {key} is {version}", f"Pin that of {version}, or change {key}")
