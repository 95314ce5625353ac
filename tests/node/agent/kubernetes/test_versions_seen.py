"""The apiserver's metric of deprecated APIs, and what a status says of versions."""

from __future__ import annotations

import pytest

from node.agent.kubernetes.versions_seen import METRIC, Seen, requested, versions
from node.contract.status import DeprecatedApi, ReplicaStatus, Versions

ETCD = ("3.6.8", "3.6.0")


def line(group: str, version: str, resource: str, removed: str, subresource: str = "") -> str:
    return (
        f'{METRIC}{{group="{group}",removed_release="{removed}",resource="{resource}",'
        f'subresource="{subresource}",version="{version}"}} 1'
    )


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        pytest.param([], [], id="none"),
        pytest.param([line("", "v1", "endpoints", "")], [], id="nobody says when it goes"),
        pytest.param([line("", "v1", "things", "1.40")], [DeprecatedApi("things", "v1", "1.40")], id="core"),
        pytest.param(
            [line("apps", "v1beta1", "sets", "1.38"), line("apps", "v1beta1", "sets", "1.38", "status")],
            [DeprecatedApi("sets", "apps/v1beta1", "1.38")],
            id="a subresource is its resource",
        ),
        pytest.param([f"{METRIC}_other 1", "# HELP"], [], id="other lines"),
    ],
)
def test_deprecated_apis_are_read_from_the_metric(lines: list[str], found: list[DeprecatedApi]) -> None:
    assert requested(lines) == found


@pytest.mark.parametrize(
    ("seen", "etcd", "said"),
    [
        pytest.param(Seen(), ("", ""), None, id="nothing is known"),
        pytest.param(Seen(), ETCD, Versions(etcd="3.6.8", etcd_data="3.6"), id="etcd alone"),
        pytest.param(
            Seen("1.36.3", "1.37.2"), ETCD, Versions("1.36.3", "1.37.2", "3.6.8", "3.6"), id="everything"
        ),
    ],
)
def test_versions_are_told_where_any_is_known(
    seen: Seen, etcd: tuple[str, str], said: Versions | None
) -> None:
    assert versions(seen, *etcd) == said


@pytest.mark.parametrize("objects", [-1, 0, 3])
def test_a_status_keeps_what_is_said_of_versions(objects: int) -> None:
    said = ReplicaStatus(
        "dev",
        "m1-b",
        "7",
        "hash",
        "serving",
        versions=Versions("1.36.3", "1.37.2", "3.6.8", "3.6"),
        deprecated=(DeprecatedApi("things", "v1", "1.40", objects),),
    )
    assert ReplicaStatus.parse(said.to_json()) == said
