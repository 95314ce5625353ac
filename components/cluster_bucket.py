"""What a cluster's machines are given by way of its bucket, and how its disks are backed up."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_gcp as gcp

from components.node_release import NodeRelease


@dataclass(frozen=True, slots=True)
class ClusterBucket:
    """Filled by `EtcdCluster`, which is the parent of all of it. `access` lets the masters read and write `bucket`."""

    bucket: gcp.storage.Bucket
    access: gcp.storage.BucketIAMMember
    release: NodeRelease
    snapshot_schedule: gcp.compute.ResourcePolicy
