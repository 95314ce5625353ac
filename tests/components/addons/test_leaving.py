"""Namespaces and definitions that leave while something of theirs stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.addons.leaving import taken_along
from components.addons.manifests import read
from components.config import AddonSpec
from components.standing.recorded import standing_of

NAMESPACE = "{apiVersion: v1, kind: Namespace, metadata: {name: web}}"
SETTINGS = "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: web}}"
MORE = "{apiVersion: v1, kind: ConfigMap, metadata: {name: more, namespace: web}}"
WIDGET = "{apiVersion: example.com/v1, kind: Widget, metadata: {name: one}}"
SPECS = [AddonSpec("site", "web.yaml")]
BEFORE = ["Namespace web", "ConfigMap web/settings", "CustomResourceDefinition widgets.example.com"]

STATE: dict[str, Any] = {
    "urn:pulumi:dev::p::ha-masters:index:ClusterAddons::addons": {
        "type": "ha-masters:index:ClusterAddons",
        "outputs": {"addons": {"site": {"objects": BEFORE}, "other": {"program": "other.py"}}},
    },
    "urn:pulumi:dev::p::kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition::widgets.example.com": {
        "type": "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
        "outputs": {"spec": {"group": "example.com", "names": {"kind": "Widget"}}},
    },
}


def problems(folder: Path, *objects: str) -> list[str]:
    (folder / "web.yaml").write_text("\n---\n".join(objects))
    standing = standing_of(STATE)
    found = read(SPECS, folder, "p").manifests
    lost = taken_along(found, SPECS, "p", recorded=standing.addon_objects, defines=standing.definitions)
    return [str(each) for each in lost]


def test_what_is_in_a_namespace_that_leaves_is_named_once(tmp_path: Path) -> None:
    assert problems(tmp_path, SETTINGS, MORE) == [
        'p:addons[0].manifests: "web.yaml" has the ConfigMap web/settings, and the Namespace web, which leaves the files, '
        "would take it along, data too. Keep the Namespace, or take off first what is in it or of its kind."
    ]


def test_what_is_of_a_kind_whose_definition_leaves(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, NAMESPACE, WIDGET)
    assert "the Widget one, and the CustomResourceDefinition widgets.example.com, which leaves" in problem


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param([NAMESPACE, SETTINGS], id="it stays"),
        pytest.param([NAMESPACE], id="what is in it leaves"),
        pytest.param([SETTINGS.replace("namespace: web", "namespace: other")], id="it is in another"),
    ],
)
def test_all_else_may_go(tmp_path: Path, objects: list[str]) -> None:
    assert problems(tmp_path, *objects) == []
