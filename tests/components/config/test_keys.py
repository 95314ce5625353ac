"""The table of keys against the readers: whoever adds a setting to one of the two only is told so."""

from __future__ import annotations

from collections import defaultdict

import pytest

from components.config import parse
from components.config.keys import KNOWN
from components.config.section import Section
from tests.components.pins import ARTIFACTS, SHA256

WHOLE = {
    "clusterName": "prod",
    "replicas": [{"name": "m1", "zone": "europe-west1-b"}],
    "artifacts": {
        **ARTIFACTS,
        **{key: {"path": key, "sha256": SHA256} for key in ("containerd", "runc", "cniPlugins")},
    },
    "api": {
        "oidc": [{"issuerUrl": "https://accounts.example.com", "audiences": ["kubernetes"]}],
        "users": [{"name": "alice"}],
    },
    "pools": [
        {
            "name": "web",
            "zones": ["europe-west1-b"],
            "size": 1,
            "taints": [{"key": "dedicated", "effect": "NoSchedule"}],
        }
    ],
}
"""Enough of a config for every reader to be reached."""


def test_every_known_key_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: dict[str, set[str]] = defaultdict(set)
    raw = Section.raw

    def noted(section: Section, key: str, default: object = None) -> object:
        if section.known is not None:
            read[section.known].add(key)
        return raw(section, key, default)

    monkeypatch.setattr(Section, "raw", noted)
    parse(WHOLE, region="europe-west1", project="my-project")
    assert {section: sorted(keys) for section, keys in read.items()} == {
        section: sorted(keys) for section, keys in KNOWN.items()
    }


def test_a_key_that_is_not_known_cannot_be_read() -> None:
    section = Section([], "ha-masters:etcd", {}, "etcd")
    with pytest.raises(LookupError, match=r"etcd\.compaction is read and is missing in keys\.KNOWN"):
        section.read("compaction", str, "")
