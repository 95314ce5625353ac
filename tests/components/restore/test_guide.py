"""What the guide tells people to type is what the config takes, and the words that lead to it are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from components.config import StackConfig, parse
from node.planner.restoring import GUIDE

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / GUIDE).read_text()
SETTINGS = re.findall(r"^\$ pulumi config set --path ha-masters:etcd\.(\w+) (\S+)$", TEXT, re.MULTILINE)


def _parsed(**etcd: str) -> StackConfig:
    replicas = [{"name": "m1", "zone": "europe-west1-b"}]
    raw = {"clusterName": "dev", "replicas": replicas, "etcd": etcd}
    return parse(raw, region="europe-west1", project="my-project")


@pytest.mark.parametrize(("key", "value"), SETTINGS)
def test_the_config_takes_what_the_guide_says(key: str, value: str) -> None:
    asked = {"restoreFrom": "snapshots/a.db"} if key == "restoreOverQuorum" else {}
    etcd = _parsed(**asked, **{key: value}).etcd
    assert value in (etcd.restore, etcd.restore_over)


def test_the_guide_has_all_keys() -> None:
    assert {key for key, _ in SETTINGS} == {"restoreFrom", "survivor", "restoreOverQuorum"}
