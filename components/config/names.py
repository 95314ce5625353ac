"""The names that a stack gives to Google's resources, and which of them Google would refuse.

Names are combined from the cluster's and a replica's, without random parts, so that a retry meets its own
resource; hence they are checked combined, before anything exists. Rules: resources and service accounts are
RFC 1035 labels of at most 63 and of 6 to 30 characters; buckets have 3 to 63 characters, and nothing that
looks like Google's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from components.config.errors import Refused
from node.contract.pools import MACHINE

SUFFIX_ROOM = 10
"""Characters kept free after `<cluster>-<identity>` for what belongs to a replica (`-data`, `-address`)."""

RESOURCE_NAME_LIMIT = 63
SERVICE_ACCOUNT_LIMIT = 30
BUCKET_LIMIT = 63
CLUSTER_NAME_LIMIT = SERVICE_ACCOUNT_LIMIT - len("-masters")

POOL_NAME_LIMIT = 10

_LABEL = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_GOOGLES_OWN = re.compile(r"g[o0]{2}gle")


def identity(name: str, zone: str) -> str:
    """Returns `m1-b` for `m1` in `europe-west1-b`."""
    return f"{name}-{zone.rpartition('-')[2]}"


def resource_name(cluster: str, identity: str) -> str:
    return f"{cluster}-{identity}"


def workers_account_id(cluster: str) -> str:
    """Returns a name as long as the masters', so that a cluster whose masters have one can have pools."""
    return f"{cluster}-workers"


def service_account_id(cluster: str) -> str:
    return f"{cluster}-masters"


def bucket_name(project: str, cluster: str) -> str:
    """Buckets share one name space worldwide, hence the project (a domain's loses its colon and dots)."""
    return f"{re.sub('[.:]', '-', project)}-{cluster}-masters"


def label(value: str) -> str:
    """Returns the name, if Google takes it for a resource. Raises Refused."""
    if _LABEL.fullmatch(value) is None:
        raise Refused(
            "is not a name that Google Cloud takes",
            "Use lower-case letters, digits and hyphens; begin with a letter, end with a letter or a digit",
        )
    if len(value) > RESOURCE_NAME_LIMIT:
        raise Refused(f"has {len(value)} characters", f"Shorten it to {RESOURCE_NAME_LIMIT} or fewer")
    return value


def cluster_name(value: str) -> str:
    """Returns the name, if that of every resource of a cluster can begin with it. Raises Refused."""
    label(value)
    if len(value) > CLUSTER_NAME_LIMIT:
        raise Refused(
            f"makes the service account {service_account_id(value)}, "
            f"{len(service_account_id(value))} characters long where Google takes {SERVICE_ACCOUNT_LIMIT}",
            f"Shorten it to {CLUSTER_NAME_LIMIT} characters or fewer",
        )
    if _GOOGLES_OWN.search(value):
        raise Refused(
            "would end up in a bucket's name, which must not look like Google's own",
            "Leave google and its look-alikes out",
        )
    return value


def check_bucket(project: str, cluster: str) -> None:
    """Checks the bucket's name as a whole and raises `Refused`. Each part was checked, and refused, by itself before."""
    bucket = bucket_name(project, cluster)
    if len(bucket) > BUCKET_LIMIT:
        raise Refused(
            f"makes the bucket {bucket}, {len(bucket)} characters long where Google takes {BUCKET_LIMIT}",
            f"Shorten it by {len(bucket) - BUCKET_LIMIT}",
        )


def check_replica(cluster: str, name: str, zone: str) -> None:
    """Raises Refused where one of the replica's resources would have a name that Google doesn't take."""
    combined = resource_name(cluster, identity(name, zone))
    room = RESOURCE_NAME_LIMIT - SUFFIX_ROOM
    if len(combined) > room:
        raise Refused(
            f"makes {combined}, {len(combined)} characters long where {room} leave room for suffixes",
            f"Shorten it, or clusterName, by {len(combined) - room}",
        )


def check_pool(cluster: str, name: str) -> None:
    """Raises Refused where a group or a machine of the pool would have a name that Google doesn't take."""
    if len(name) > POOL_NAME_LIMIT:
        raise Refused(
            f"has {len(name)} characters",
            f"Shorten it to {POOL_NAME_LIMIT} or fewer: {cluster} stands before it",
        )


def meet(pool: str, zones: Iterable[str], master: str) -> bool:
    """Returns whether a group of the pool, or a machine that it makes, may have the name of the master of this identity."""
    return any(
        re.fullmatch(rf"{re.escape(identity(pool, zone))}(?:-{MACHINE})?", master) is not None
        for zone in zones
    )
