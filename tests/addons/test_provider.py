"""Add-ons by the real engine and the real provider, on a real API server: `make addons`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.addons import kinds
from lab.toolchain import Toolchain
from lab.toolchain.kubernetes import ensure
from lab.toolchain.kubernetes.plugin import install
from node.agent.kubernetes.apiserver_client import ApiserverClient
from tests.addons.harness import Stack, api_address
from tests.node.agent.certificates import CLIENT
from tests.node.agent.kubernetes.master import serving
from tests.node.agent.world import REAL_PROGRAMS, alone

pytestmark = [*REAL_PROGRAMS, pytest.mark.addons, pytest.mark.slow]

CONFIG_MAPS = "/api/v1/namespaces/web/configmaps"
DEPLOYMENT = "/apis/apps/v1/namespaces/web/deployments/site"
WEB = {"name": "web", "manifests": "web.yaml"}
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}}


def settings(name: str = "settings", **data: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "web"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def deployment(replicas: int) -> dict[str, Any]:
    """No kubelet is there, so nobody is ever ready."""
    labels = {"app": "site"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "site", "image": "site"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "site", "namespace": "web"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": pod},
    }


@pytest.fixture
def stack(tmp_path: Path, toolchain: Toolchain) -> Iterator[Stack]:
    install(toolchain)
    programs, etcd = ensure("kubernetes"), ensure("etcd") / "etcd"
    with alone(tmp_path / "world", etcd) as world:
        world.ask_for("m1-b")
        replica = world.replica("m1-b")
        trust = serving(world, replica, programs)
        certificate, key = trust.authority.issue("admin", [CLIENT], [], [], "system:masters")
        files = {"ca.crt": trust.authority.pem, "admin.crt": certificate, "admin.key": key}
        api = ApiserverClient(replica.machine(), replica.root)
        yield Stack(tmp_path / "stack", toolchain, api).create(files)


def test_objects_come_change_and_go(stack: Stack) -> None:
    stack.ask(WEB, web=[settings(level="info"), settings("other", a="1"), NAMESPACE])
    previewed = stack.run("preview")
    assert "kubernetes:core/v1:ConfigMap web/settings" in " ".join(previewed.output.split())
    stack.up()
    stack.up("--expect-no-changes")
    first = stack.found(f"{CONFIG_MAPS}/settings")
    assert first is not None

    stack.ask(WEB, web=[settings(level="debug"), settings("other", a="1"), NAMESPACE])
    api_address("del")
    without = stack.run("preview", "--diff")
    assert "No way from here to the API" in without.output
    assert '"info" => "debug"' in without.output, "an edit is shown without a way, too"
    failed = stack.up(check=False)
    assert failed.code
    assert "the add-ons wait" in failed.output
    assert "Traceback" not in failed.output
    api_address("add")

    stack.up()
    edited = stack.found(f"{CONFIG_MAPS}/settings")
    assert edited is not None
    assert edited["data"] == {"level": "debug"}
    assert edited["metadata"]["uid"] == first["metadata"]["uid"], "in place"

    api_address("del")
    assert "weren't looked at" in stack.up().output
    api_address("add")

    renamed = {**WEB, "name": "site"}
    stack.ask(renamed, web=[settings(level="debug"), NAMESPACE])
    stack.up()
    assert stack.found(f"{CONFIG_MAPS}/other") is None
    kept = stack.found(f"{CONFIG_MAPS}/settings")
    assert kept is not None
    assert kept["metadata"]["uid"] == first["metadata"]["uid"], "an add-on's name is nothing to its objects"

    refused = stack.run("destroy", "--yes", "--skip-preview", check=False)
    assert refused.code
    assert stack.recorded() == {"web", "web/settings"}, "nothing goes while the cluster is protected"

    stack.ask()
    stack.up()
    assert stack.found(f"{CONFIG_MAPS}/settings") is None
    assert stack.recorded() == set()


def test_what_was_cut_off_is_gone_on_with_and_taken_back(stack: Stack) -> None:
    """The killed engine has recorded no deployment: the next one meets its own fields, and changes them."""
    stack.ask(WEB, web=[NAMESPACE, settings(a="1"), deployment(1)])
    stack.killed_once(DEPLOYMENT)

    stack.ask({**WEB, "wait": False}, web=[NAMESPACE, settings(a="2"), deployment(2)])
    stack.up()
    found = stack.found(DEPLOYMENT)
    assert found is not None
    assert found["spec"]["replicas"] == 2

    stack.ask(WEB, web=[NAMESPACE, settings(a="1")])
    stack.up()
    assert stack.found(DEPLOYMENT) is None
    assert stack.recorded() == {"web", "web/settings"}


def test_a_namespace_takes_nothing_along_that_is_asked_for(stack: Stack) -> None:
    stack.ask(WEB, web=[NAMESPACE, settings(a="1")])
    stack.up()
    stack.ask(WEB, web=[settings(a="1")])
    refused = stack.run("preview", check=False)
    assert refused.code
    assert "the Namespace web, which leaves the files, would take it along" in " ".join(
        refused.output.split()
    )
    assert stack.up(check=False).code
    assert stack.found(f"{CONFIG_MAPS}/settings") is not None


def test_a_destroy_asks_an_api_that_has_gone_for_nothing(stack: Stack) -> None:
    stack.ask(WEB, web=[NAMESPACE, settings(a="1")])
    stack.up()
    api_address("del")
    stack.run("state", "unprotect", "--all", "--yes")
    stack.run("destroy", "--yes", "--skip-preview")
    assert stack.recorded() == set()
    api_address("add")
    assert stack.found(f"{CONFIG_MAPS}/settings") is not None


def test_the_table_of_kinds_is_the_api_servers(stack: Stack) -> None:
    groups = stack.found("/apis")
    assert groups is not None
    paths = ["/api/v1", *(f"/apis/{each['preferredVersion']['groupVersion']}" for each in groups["groups"])]
    wrong = set()
    for path in paths:
        served = stack.found(path)
        assert served is not None
        group = served["groupVersion"].rpartition("/")[0]
        for resource in served["resources"]:
            kind = (group, resource["kind"])
            if "/" not in resource["name"] and kinds.namespaced(kind, {}) is not resource["namespaced"]:
                wrong.add(kind)
    assert wrong == set()
