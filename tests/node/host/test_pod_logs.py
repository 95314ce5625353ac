"""The last complaint of a static pod, from the kubelet's log of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from node.host.pod_logs import complaint

TIME = "2026-11-26T15:43:06.123456789Z stderr F "


def write(root: Path, file: str, *lines: str, at: int = 1) -> None:
    log = root / "var/log/pods" / file
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("".join(f"{TIME}{line}\n" for line in lines))
    os.utime(log, (at, at))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param(
            ['E1126 15:43:06.123456       1 run.go:72] "command failed" err="unknown flag: --profile"'],
            '"command failed" err="unknown flag: --profile"',
            id="klog",
        ),
        pytest.param(
            ["Error: unknown flag: --x", "I1126 15:43:06.1 1 a.go:1] bye"],
            "Error: unknown flag: --x",
            id="a command",
        ),
        pytest.param(
            ['{"level":"panic","msg":"invalid downgrade; server is lower","current-server-version":"3.6.0"}'],
            "invalid downgrade; server is lower",
            id="etcd",
        ),
        pytest.param(
            ['{"level":"fatal","msg":"discovery failed","error":"no file"}'],
            "discovery failed: no file",
            id="etcd, its error",
        ),
        pytest.param(["I1126 15:43:06.123456 1 a.go:1] all is well", "[1, 2]", "{"], "", id="none"),
    ],
)
def test_the_last_complaint_is_found(tmp_path: Path, lines: list[str], said: str) -> None:
    write(tmp_path, "kube-system_etcd-dev-m1-b_1f/etcd/0.log", *lines)
    assert complaint(tmp_path, "etcd") == said


def test_the_newest_log_counts(tmp_path: Path) -> None:
    write(tmp_path, "kube-system_etcd-dev-m1-b_1f/etcd/1.log", "Error: new", at=2)
    write(tmp_path, "kube-system_etcd-dev-m1-b_2a/etcd/0.log", "Error: old", at=1)
    assert complaint(tmp_path, "etcd") == "Error: new"


def test_a_log_that_goes_while_it_is_looked_at_says_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "var/log/pods/kube-system_etcd-dev-m1-b_1f/etcd"
    folder.mkdir(parents=True)
    (folder / "0.log").symlink_to("gone")
    assert complaint(tmp_path, "etcd") == ""


def test_a_pod_without_a_log_says_nothing(tmp_path: Path) -> None:
    assert complaint(tmp_path, "etcd") == ""
