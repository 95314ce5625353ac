"""What the program does about a restore: refuses it, tells it, hands it to the machines, and says what was ever done."""

from __future__ import annotations

import pulumi

from components.config import StackConfig
from components.gates.cluster_reader import ClusterReader
from components.google.running import google
from components.resource_names import Names
from components.restore.judge import judge
from components.restore.look import look
from node.contract.bootstrap_marker import BootstrapMarker
from node.contract.bucket_layout import MARKER
from node.contract.fields import FormatError
from node.contract.restore import Restore, Source


def admit(config: StackConfig) -> Restore | None:
    """Returns what is to be written for the machines. Raises RunError where the restore is refused."""
    if not config.etcd.restore:
        return None
    source = Source.of(config.etcd.restore)
    founder = source.survivor or config.replicas[0].identity
    request = Restore(config.cluster_name, config.etcd.restore, founder, config.etcd.restore_over)
    try:
        facts = look(_bucket(config), request, _reader())
    except (OSError, FormatError) as error:
        raise pulumi.RunError(f"etcd.restoreFrom can't be judged: {error}") from error
    judgement = judge(request, facts)
    if judgement.refused:
        raise pulumi.RunError(judgement.refused)
    if pulumi.runtime.is_dry_run():
        (pulumi.log.warn if judgement.under_way else pulumi.log.info)(judgement.told)
    return request


def export(config: StackConfig, after: pulumi.CustomResource) -> None:
    """Exports `restored`, where the config asks for a restore: what was done, read when `after` is done."""
    if not config.etcd.restore:
        return

    def read(_: object) -> list[dict[str, str]]:
        text = _reader().bucket(_bucket(config)).text(MARKER)
        marker = BootstrapMarker.parse(text) if text else None
        return (
            [{"from": each.id, "clusterId": each.cluster_id, "at": each.at} for each in marker.restored]
            if marker
            else []
        )

    done: pulumi.Output[str] = after.id
    pulumi.export("restored", done.apply(read))


def _bucket(config: StackConfig) -> str:
    return Names(config.cluster_name, config.project).bucket


def _reader() -> ClusterReader:
    return ClusterReader(google())
