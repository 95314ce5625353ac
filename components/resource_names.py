"""Names of Google's resources. Deterministic: a run that was cut off meets its own resources again.

What config has to check, because Google limits its length, is named in `components.config.names`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from components.config import StackConfig, names

MARK = "ha-masters-cluster"
"""The label that says whose a resource is: the names of two clusters of one project can meet. `prod` with the replica
`eu-m1` and `prod-eu` with `m1` both make `prod-eu-m1-b`. Google refuses to make the second one; the mark is for whoever
looks for a resource by its name.
"""


def labels(config: StackConfig) -> dict[str, str]:
    """Returns the operator's labels, and the mark."""
    return {**config.labels, MARK: config.cluster_name}


INTERNAL_API = "api-internal"
"""What the API's internal address, its rule and its backend service are called after the cluster."""

SNAPSHOT_PREFIX_LIMIT = names.RESOURCE_NAME_LIMIT - len("-20060102-150405")
"""The provider names the snapshot that it takes before it destroys a disk after disk and time. Above 48 characters it
refuses to, and Google takes no name of 64, as 48 make (terraform-provider-google at 7.39, resource_compute_disk.go,
`resourceComputeDiskDelete`).
"""


def snapshot_prefix(disk: str) -> str | None:
    """Returns what such a snapshot's name begins with where the disk's own name is too long; None where it isn't."""
    if len(disk) <= SNAPSHOT_PREFIX_LIMIT:
        return None
    mark = hashlib.sha256(disk.encode()).hexdigest()[:8]
    return f"{disk[: SNAPSHOT_PREFIX_LIMIT - len(mark) - 1].rstrip('-')}-{mark}"


@dataclass(frozen=True, slots=True)
class Names:
    """Every name that a cluster gives to a Google resource."""

    cluster: str
    project: str

    def of(self, *parts: str) -> str:
        """Returns `prod-m1-b-data` for `m1-b` and `data` of the cluster `prod`."""
        return "-".join((self.cluster, *parts))

    @property
    def bucket(self) -> str:
        return names.bucket_name(self.project, self.cluster)

    @property
    def master_tag(self) -> str:
        """The network tag that firewall rules aim at."""
        return self.of("master")

    @property
    def service_account_id(self) -> str:
        return names.service_account_id(self.cluster)

    @property
    def worker_tag(self) -> str:
        """The network tag of workers, which no master has."""
        return self.of("worker")

    @property
    def workers_account_id(self) -> str:
        return names.workers_account_id(self.cluster)

    @property
    def workers_role_id(self) -> str:
        """Of a custom role, whose id takes no hyphens; a cluster's name has no underscores, so no two of them meet."""
        return f"haMastersWorkers_{self.cluster.replace('-', '_')}"

    @property
    def cloud_controller_role_id(self) -> str:
        return f"haMastersServices_{self.cluster.replace('-', '_')}"
