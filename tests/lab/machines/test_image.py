"""What the machines' image holds, by the names that the product asks for."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from components.config import parse
from components.releases import shipped
from lab.machines.image import archive, recipe
from lab.machines.image.recipe import Built

POOLS = [{"name": "web", "zones": ["europe-west1-b"], "size": 1}]


def built(folder: Path) -> Built:
    return Built(folder, folder, folder, folder, folder, {"/usr/sbin/nft": folder / "nft"})


def test_a_stack_asks_for_no_other_names(tmp_path: Path) -> None:
    asked = parse(
        {
            "clusterName": "dev",
            "replicas": [{"name": "m1", "zone": "europe-west1-b"}],
            "pools": POOLS,
            "artifacts": {"from": "image"},
            "kubernetesVersion": recipe.KUBERNETES,
        },
        region="europe-west1",
        project="my-project",
    ).addons
    held = {each.reference for each in recipe.images(built(tmp_path))}
    assert held >= set(asked.values())


def test_the_tag_of_dns_is_the_tables() -> None:
    assert shipped().coredns_tag == recipe.COREDNS


@pytest.mark.parametrize("name", ["usr/local/bin/kube-proxy", "usr/sbin/nft"])
def test_kube_proxy_has_its_tool_beside_it(tmp_path: Path, name: str) -> None:
    for program in ("kube-proxy", "nft"):
        (tmp_path / program).write_text(program)
    [proxy] = [each for each in recipe.images(built(tmp_path)) if "kube-proxy" in each.reference]
    archive.write(proxy, tmp_path / "image.tar")
    with tarfile.open(tmp_path / "image.tar") as image:
        file = image.extractfile("layer.tar")
        assert file is not None
        with tarfile.open(fileobj=file) as layer:
            assert name in layer.getnames()
        config = image.extractfile("config.json")
        assert config is not None
        assert "/usr/sbin" in json.loads(config.read())["config"]["Env"][0]
