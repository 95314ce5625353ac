"""What runs containers on a machine, in the place of Debian's packages: containerd 2, runc and the CNI plugins.

Each is a version, which the table of releases knows by digest and its project publishes on GitHub, or a file on the mirror.
Without any of them a machine installs Debian's, of the day of its first boot.
"""

from __future__ import annotations

from collections.abc import Mapping

from components.config import values
from components.config.artifact_spec import FileSpec, RuntimeSpec
from components.config.artifact_values import DIGITS, sha256
from components.config.errors import Refused
from components.config.released import PROGRAMS, Released
from components.config.section import Section, decoded

CONTAINERD, RUNC, CNI_PLUGINS = OWN_KEYS = ("containerd", "runc", "cniPlugins")

_FIELDS = {CONTAINERD: "containerd", RUNC: "runc", CNI_PLUGINS: "cni_plugins"}

_SHA256 = "Copy it from the release's page on GitHub, or write what `sha256sum` prints for your own build"
_TOGETHER = (
    f"Name all of {', '.join(OWN_KEYS)}, or none of them: Debian's packages are one runtime, and so are these"
)


def read_runtime(section: Section, released: Released) -> RuntimeSpec | None:
    if not any(key in section.values for key in OWN_KEYS):
        return None
    found = {key: _program(section, key, released) for key in OWN_KEYS}
    return RuntimeSpec(found[CONTAINERD], found[RUNC], found[CNI_PLUGINS])


def _program(section: Section, key: str, released: Released) -> FileSpec:
    if isinstance(decoded(section.raw(key)), Mapping):
        own = section.within(_FIELDS[key], FileSpec)
        return FileSpec(own.take("path"), own.take("sha256", sha256(_SHA256), remedy=_SHA256))

    def version(value: object) -> FileSpec:
        found = released.program(key, values.text(value))
        if found is None:
            spans = PROGRAMS[key].spans(released.releases)
            raise Refused(
                "is not among the releases whose digests are known",
                f"Choose one of {spans}, or name a file: {{path: <file>, sha256: {DIGITS}}}",
            )
        return found

    return section.require(key, version, FileSpec("", ""), _TOGETHER)
