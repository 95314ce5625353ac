"""Which versions may follow which: https://kubernetes.io/releases/version-skew-policy/ and etcd's upgrade guides.

API servers of one control plane may differ by one minor, and by one only, while they change one after another. What a
newer minor has written, an older one needn't be able to read. Kubelets follow their own master, and pools follow all
masters, so none is ever newer than an API server that it talks to, unless masters go back behind a pool.
"""

from __future__ import annotations

from components.config import StackConfig
from components.config.versions import LEAST_BEFORE, numbers
from components.edits.findings import NOTHING, Findings, Reach, note, refuse
from components.edits.staying import staying
from components.standing.facts import Standing

Version = tuple[int, ...]


def versions(standing: Standing, config: StackConfig) -> Findings:
    who = staying(standing, config)
    settled = all(master.settled for master in standing.masters)
    found = _kubelets(standing, config)
    return (
        found
        + _judged(
            "kubernetesVersion",
            standing.settings("kubernetesVersion"),
            config.kubernetes_version,
            who,
            "API servers of one control plane may be one minor apart, and no more",
            settled=settled,
        )
        + _judged(
            "etcd.version",
            standing.settings("etcdVersion"),
            config.etcd.version,
            who,
            "Members of one etcd may be one minor apart, and no more",
            settled=settled,
        )
    )


def _kubelets(standing: Standing, config: StackConfig) -> Findings:
    """Refuses masters that go back behind a pool whose nodes are of a newer minor already. A template is made when an
    update begins, and nodes of it only once all masters are through: one that wasn't waited for keeps nobody back.
    """
    wanted = numbers(config.kubernetes_version)
    found = NOTHING
    for pool in standing.pools:
        text = str(pool.settings.get("kubernetesVersion") or "")
        if pool.exchanged and numbers(text)[:2] > wanted[:2]:
            minor = _minor(numbers(text))
            found += refuse(
                "kubernetesVersion",
                text,
                config.kubernetes_version,
                f"The nodes of pool {pool.name} run {text}, and a kubelet must not be newer than its API server",
                f"Keep a release of {minor}",
            )
    return found


def _judged(
    key: str, former: tuple[str, ...], value: str, who: tuple[str, ...], skew: str, *, settled: bool
) -> Findings:
    known = sorted({version for text in former if (version := numbers(text))})
    if not known:
        return NOTHING
    lowest, highest, wanted = known[0], known[-1], numbers(value)
    was = _text(highest) if lowest == highest else tuple(_text(version) for version in known)
    half = lowest[:2] != highest[:2] or not settled
    if wanted[:2] > (lowest[0], lowest[1] + 1) or (half and wanted[:2] > highest[:2]):
        following = _minor((lowest[0], lowest[1] + 1))
        way = f"Go to a release of {following} first, and further from there"
        if half:
            way = f"Go on to {_text(highest)} first: the last update did not come through on every master"
        return refuse(key, was, value, skew, way)
    least = LEAST_BEFORE.get(wanted[:2]) if key == "etcd.version" else None
    if least and lowest[:2] < wanted[:2] and lowest < least:
        why = f"Members before {_text(least)} may not get along with {_minor(wanted)} while they change one after another"
        return refuse(
            key, was, value, why, f"Go to {_text(least)} or later first, and to {_minor(wanted)} from there"
        )
    begun = {version[:2] for version in known}
    if not settled:  # Of an update that didn't come through, the state has the new version only.
        begun.add((highest[0], highest[1] - 1))
    if wanted[:2] < highest[:2] and wanted[:2] not in begun:
        return refuse(
            key,
            was,
            value,
            f"What {_minor(highest)} has written, an earlier minor needn't be able to read",
            f"Keep a release of {_minor(highest)}; the only way back is a snapshot from before",
        )
    if known == [wanted]:
        return NOTHING
    says = ""
    if lowest != highest:
        says = "An update was cut off between the two: it " + (
            "goes on" if wanted == highest else "is taken back" if wanted == lowest else "ends here"
        )
    elif wanted[:2] < highest[:2]:
        says = "An update to the other minor did not come through: it is taken back"
    elif wanted[:2] > highest[:2]:
        says = (
            f"It can be taken back until the last master has it; then there is no way back to {_minor(highest)} but a "
            "snapshot from before"
        )
    elif wanted < highest:
        says = "A patch release down; read the releases' notes on what the later one mended"
    return note(key, was, value, says, reach=Reach.TAKEN_OVER, masters=who)


def _text(version: Version) -> str:
    return ".".join(map(str, version))


def _minor(version: Version) -> str:
    return _text(version[:2])
