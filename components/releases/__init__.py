"""Releases of Kubernetes, etcd and what runs containers, known by digest: what is shipped, and what operators pinned.

facts.py      what is known of a release, as plain values
document.py   the format: documents of the table, and of operators, to values and back
shipped.py    the table in `table/`, and the pins beside a stack's files
"""

from components.releases.document import ReleasesError
from components.releases.facts import ARCHITECTURES, Conflict, KubernetesRelease, Releases
from components.releases.shipped import PINS, known, shipped

__all__ = [
    "ARCHITECTURES",
    "PINS",
    "Conflict",
    "KubernetesRelease",
    "Releases",
    "ReleasesError",
    "known",
    "shipped",
]
