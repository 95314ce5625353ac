"""Which versions a control plane can be built of."""

import re
from typing import Final

from components.config.errors import Refused
from components.config.values import text

KUBERNETES_DEFAULT = "1.36.3"
KUBERNETES_MINORS = range(34, 38)
"""1.34 to 1.37: those whose flags the manifests speak. 1.37 takes none of them away: cmd/kube-apiserver,
-controller-manager, -scheduler and kubelet of 1.36.3 and 1.37.2 side by side."""

ETCD_DEFAULT = "3.6.8"
ETCD_MINORS = range(6, 8)
"""3.6: learners are promoted by the agent, and no flag begins with `--experimental-`, which 3.7 has no more. All of these
minors of Kubernetes speak the API that both have.
"""

LEAST_BEFORE: Final[dict[tuple[int, ...], tuple[int, ...]]] = {(3, 7): (3, 6, 11)}
"""etcd's patch release that every member must run before the first goes to the next minor:
https://etcd.io/docs/v3.7/upgrades/upgrade_3_7/."""

_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


def numbers(version: str) -> tuple[int, ...]:
    """Returns `1.36.3` as numbers that can be compared; none for what has another form."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else ()


def kubernetes(value: object) -> str:
    return _supported(value, 1, KUBERNETES_MINORS, KUBERNETES_DEFAULT)


def etcd(value: object) -> str:
    return _supported(value, 3, ETCD_MINORS, ETCD_DEFAULT)


def _supported(value: object, major: int, minors: range, default: str) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise Refused(
            "is a number where a version is wanted", f'Write all three parts in quotes: "{default}"'
        )
    match = _VERSION.fullmatch(text(value))
    if match is None:
        raise Refused(
            "is not a version", f"Write three numbers, such as {default}, without v and without suffix"
        )
    if int(match[1]) != major or int(match[2]) not in minors:
        ends = f"{major}.{minors[0]}", f"{major}.{minors[-1]}"
        allowed = ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
        raise Refused("is not supported", f"Choose a release of {allowed}, such as {default}")
    return match[0]
