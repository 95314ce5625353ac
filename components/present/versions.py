"""What versions mean for an etcd and for clients that are there now, by what masters report."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi

from components.config import StackConfig
from components.config.versions import numbers
from components.present.facts import Present, Unseen
from components.wording import count
from node.contract.status import DeprecatedApi

Minor = tuple[int, ...]


def keep_startable(now: Present | Unseen | None, config: StackConfig) -> None:
    """RunError where etcd would have to start on data of a later minor. They are so once all members run that minor, also
    while the update that brought it still waits for the last of them.
    """
    if data := later_data(now, config.etcd.version):
        raise pulumi.RunError(
            f'ha-masters:etcd.version: the members\' data are of {data} already, and an etcd of "{config.etcd.version}" '
            f"doesn't start on them. Keep a release of {data}. Nothing was changed."
        )


def later_data(now: Present | Unseen | None, wanted: str) -> str:
    """The minor that etcd's data are of, if it is later than that of `wanted`; else empty. Old reports count too: data don't
    go back.
    """
    if not isinstance(now, Present):
        return ""
    said = {
        master.report.status.versions.etcd_data
        for master in now.masters
        if master.report and master.report.status and master.report.status.versions
    }
    newest = max(said, key=_minor, default="")
    return newest if _minor(newest) > _minor(wanted) else ""


def deprecated(now: Present | Unseen) -> tuple[DeprecatedApi, ...]:
    """Of all masters together: each has counted what came to it alone."""
    if isinstance(now, Unseen):
        return ()
    found: dict[tuple[str, str], DeprecatedApi] = {}
    for master in now.masters:
        for each in master.status.deprecated if master.status else ():
            known = found.get((each.resource, each.api))
            if known is None or known.objects < each.objects:
                found[each.resource, each.api] = each
    return tuple(found[key] for key in sorted(found))


def unserved(now: Present, version: str) -> Iterator[str]:
    """What is in use and that release of Kubernetes doesn't serve, in sentences."""
    for each in deprecated(now):
        if (0, 0) < _minor(each.removed) <= _minor(version):
            has = f", which has {count(each.objects, 'object')}," if each.objects >= 0 else ""
            yield (
                f"{each.resource} of {each.api}{has} is asked for, and Kubernetes {each.removed} serves it no more: have "
                "its clients ask for a later version before the update. What is stored is served by that one too, if there "
                "is one."
            )


def _minor(version: str) -> Minor:
    """`1.37.2` and `1.37` as (1, 37); (0, 0) for what is no version."""
    return numbers(version)[:2] or (0, 0)
