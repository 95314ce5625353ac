"""The machines' program: one file in the bucket, named by its hash, so that a machine runs what was previewed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_gcp as gcp

from node.contract import bucket_layout
from node.release import zipapp


@dataclass(frozen=True, slots=True)
class NodeRelease:
    """`sha256` goes into each VM's metadata; `resource` is the object that has to stand before a VM boots."""

    sha256: str
    resource: gcp.storage.BucketObject


def publish(name: str, bucket: pulumi.Input[str], parent: pulumi.Resource) -> NodeRelease:
    """Builds the zipapp, the same bytes for the same sources, and declares its object.

    A new release is another object, made first; that is said by hand, for the bridge deletes first whatever has a name of
    ours (tfbridge, nameRequiresDeleteBeforeReplace). The former one stays, and goes with the bucket. After an update that
    was cut off and taken back the state holds the former release twice, and with the older of the two the engine would
    delete the object of both. And a group makes a worker that failed anew of the worker's own template, which names the
    former release: https://cloud.google.com/compute/docs/instance-groups/about-repair.
    """
    data = zipapp.zipapp()
    digest = zipapp.sha256(data)
    resource = gcp.storage.BucketObject(
        name,
        bucket=bucket,
        name=bucket_layout.release(digest),
        source=pulumi.FileAsset(_kept(data, digest)),
        content_type="application/zip",
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=False, retain_on_delete=True),
    )
    return NodeRelease(digest, resource)


def _kept(data: bytes, digest: str) -> str:
    """Returns the file from which the engine reads the release, outside of the clone; it is whole or not there."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ha-masters" / "agent"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{digest}.pyz"
    if not file.exists():
        half = folder / f"{digest}.{os.getpid()}"
        half.write_bytes(data)
        half.replace(file)
    return str(file)
