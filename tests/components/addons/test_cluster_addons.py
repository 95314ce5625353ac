"""What the engine is told of users' objects: in what order, below what, and with which options."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.components.recording import Run, run_program
from tests.components.stacks import stack

FILES = "tests/components/addons/files"
WEB = {"name": "web", "manifests": f"{FILES}/web.yaml"}
SETTINGS = {"name": "settings", "manifests": f"{FILES}/settings.yaml"}
PROGRAM = {"name": "more", "program": f"{FILES}/program.py"}
DEPLOYMENT, PASSWORD, NAMESPACE = "web/web", "web/password", "web"


@pytest.fixture(scope="module")
def run() -> Run:
    return run_program(stack(3, addons=[WEB, SETTINGS, PROGRAM]))


def test_each_object_is_a_resource_of_its_kind(run: Run) -> None:
    found = {each.name: each.type for each in run.resources.values() if each.type.startswith("kubernetes:")}
    assert found == {
        NAMESPACE: "kubernetes:core/v1:Namespace",
        DEPLOYMENT: "kubernetes:apps/v1:Deployment",
        PASSWORD: "kubernetes:core/v1:Secret",
        "default/settings": "kubernetes:core/v1:ConfigMap",
        "made-by-a-program": "kubernetes:core/v1:ConfigMap",
    }


@pytest.mark.parametrize("name", ["web/web", "web/password", "default/settings", "made-by-a-program"])
def test_objects_come_before_the_update_is_whole(run: Run, name: str) -> None:
    assert name in run.waits_for("etcd-left")


def test_objects_come_after_the_masters_turns() -> None:
    stuck = run_program(stack(3, addons=[WEB, SETTINGS, PROGRAM]), failing="api-ready")
    assert not [each for each in stuck.resources.values() if each.type.startswith("kubernetes:")]
    assert "addons-provider" not in stuck


def test_the_engine_has_few_paths_to_walk_for_many_objects(tmp_path: Path) -> None:
    """As `test_wiring` has it for masters: each object's path would lead through all of them."""
    many = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{number}"}} for number in range(100)
    ]
    file = tmp_path / "many.yaml"
    file.write_text("\n---\n".join(map(json.dumps, many)))
    addons = [{"name": "many", "manifests": str(file)}]
    run = run_program(stack(3, addons=addons), standing=["m1-b", "m2-c", "m3-d"])
    assert run.paths() < 1_000_000


def test_what_is_in_a_namespace_comes_after_it(run: Run) -> None:
    assert NAMESPACE in run[DEPLOYMENT].dependencies
    assert NAMESPACE in run[PASSWORD].dependencies


def test_a_destroy_asks_the_api_for_nothing(run: Run) -> None:
    theirs = [each for each in run.resources.values() if each.type.startswith("kubernetes:")]
    assert {each.deleted_with for each in theirs} == {"control-plane"}


def test_nothing_of_the_masters_waits_for_an_addon(run: Run) -> None:
    own = {each.name for each in run.resources.values() if each.type.startswith("kubernetes:")} | {
        "addons-provider"
    }
    waiting = {each.name for each in run.resources.values() if own & each.dependencies} - own
    assert waiting == {"etcd-left"}


def test_the_provider_stays_the_clusters_whatever_its_certificates(run: Run) -> None:
    told = run["addons-provider"].inputs
    assert told["clusterIdentifier"] == "lab-project/dev"
    assert told["enableConfigMapMutable"] == told["skipUpdateUnreachable"] == "true"


def test_its_kubeconfig_is_the_administrators(run: Run) -> None:
    secret: Any = run["addons-provider"].inputs["kubeconfig"]
    assert yaml.safe_load(secret["value"])["users"][0]["name"] == "dev-admin"


def test_a_kind_in_another_version_of_its_group_is_the_same_object(run: Run) -> None:
    assert "kubernetes:apps/v1beta2:Deployment" in run[DEPLOYMENT].aliases
    assert not run[NAMESPACE].aliases


def test_another_addon_may_take_an_object_over() -> None:
    both = [run_program(stack(1, addons=[{**WEB, "name": name}])) for name in ("web", "site")]
    types = [{parent.type for parent in (run[run[DEPLOYMENT].parent],)} for run in both]
    assert types[0] == types[1]


def test_without_addons_there_is_nothing_of_kubernetes() -> None:
    plain = run_program(stack(1))
    assert not [
        each for each in plain.resources.values() if "kubernetes:" in each.type or "ddon" in each.type
    ]
    assert json.dumps(sorted(plain["etcd-left"].dependencies)).count("addons") == 0
