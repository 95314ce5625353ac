"""The provider, on the simulator, makes what pools of workers are: it finds what it made, and takes it away again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.environment import google
from lab.simulator.client import Client
from lab.simulator.server import Simulator
from lab.toolchain import Toolchain

pytestmark = [pytest.mark.toolchain]

REGION = "regions/europe-west1"
GROUP = "zones/europe-west1-b/instanceGroupManagers/dev-web-b"

PROGRAM = """
import pulumi
import pulumi_gcp as gcp

project, region = "lab-project", "europe-west1"
machine = pulumi.Config().get("machine") or "e2-standard-2"
network = gcp.compute.Network("n", name="dev", auto_create_subnetworks=False)
subnetwork = gcp.compute.Subnetwork(
    "s", name="dev", network=network.id, region=region, ip_cidr_range="10.0.0.0/24",
    secondary_ip_ranges=[{"range_name": "pods", "ip_cidr_range": "10.64.0.0/16"}],
)
masters = gcp.serviceaccount.Account("masters", account_id="dev-masters")
workers = gcp.serviceaccount.Account("workers", account_id="dev-workers")
bucket = gcp.storage.Bucket("b", name="dev-bucket", location=region, uniform_bucket_level_access=True)
prefix = bucket.name.apply(lambda name: f'resource.name.startsWith("projects/_/buckets/{name}/objects/agent/")')
gcp.storage.BucketIAMMember(
    "reads", bucket=bucket.name, role="roles/storage.objectViewer",
    member=workers.email.apply(lambda email: f"serviceAccount:{email}"),
    condition={"title": "agent", "expression": prefix},
)
role = gcp.projects.IAMCustomRole(
    "role", role_id="dev_masters", title="dev masters",
    permissions=["compute.instances.get", "compute.instances.list", "compute.instanceGroupManagers.update"],
)
member = masters.email.apply(lambda email: f"serviceAccount:{email}")
gcp.projects.IAMMember("may", project=project, role=role.name, member=member)
gcp.serviceaccount.IAMMember(
    "acts", service_account_id=workers.name, role="roles/iam.serviceAccountUser", member=member
)
gcp.compute.Firewall(
    "f", name="dev-workers", network=network.id, source_tags=["dev-worker"], target_tags=["dev-worker"],
    allows=[{"protocol": "all"}],
)
template = gcp.compute.RegionInstanceTemplate(
    "t", name=f"dev-web-{machine}", region=region, machine_type=machine,
    disks=[{
        "boot": True, "auto_delete": True, "disk_type": "pd-balanced", "disk_size_gb": 20,
        "source_image": "projects/debian-cloud/global/images/debian-12-bookworm-v20251014",
    }],
    network_interfaces=[{
        "subnetwork": subnetwork.id,
        "alias_ip_ranges": [{"ip_cidr_range": "/24", "subnetwork_range_name": "pods"}],
    }],
    service_account={"email": workers.email, "scopes": ["cloud-platform"]},
    metadata={"worker-config": "{}", "startup-script": "true"},
    labels={"cluster": "dev"}, tags=["dev-worker"],
    shielded_instance_config={"enable_secure_boot": True},
    opts=pulumi.ResourceOptions(delete_before_replace=False),
)
group = gcp.compute.InstanceGroupManager(
    "g", name="dev-web-b", base_instance_name="dev-web-b", zone=f"{region}-b", target_size=0,
    versions=[{"instance_template": template.self_link}],
    update_policy={
        "type": "OPPORTUNISTIC", "minimal_action": "REPLACE", "max_surge_fixed": 1, "max_unavailable_fixed": 0,
    },
    opts=pulumi.ResourceOptions(ignore_changes=["targetSize"]),
)
pulumi.export("template", template.self_link)
"""


@dataclass
class Scratch:
    """A stack with the program, on a simulator."""

    folder: Path
    environment: dict[str, str]
    cloud: Client

    def pulumi(self, *arguments: str, fails: bool = False) -> str:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, said
        return said

    def up(self, *more: str, **options: Any) -> str:
        return self.pulumi("up", "--yes", "--skip-preview", "--stack=test", *more, **options)


@pytest.fixture
def scratch(toolchain: Toolchain, tmp_path: Path) -> Iterator[Scratch]:
    with Simulator(tmp_path / "cloud") as simulator:
        folder = tmp_path / "program"
        folder.mkdir()
        (tmp_path / "backend").mkdir()
        runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": "scratch", "runtime": runtime}))
        (folder / "__main__.py").write_text(PROGRAM)
        environment = {
            **os.environ,
            **toolchain.environment(),
            **google(simulator.url, "lab-project", "europe-west1"),
            "PULUMI_BACKEND_URL": f"file://{tmp_path / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "for tests",
        }
        made = Scratch(folder, environment, Client(simulator.url))
        made.pulumi("stack", "init", "test")
        yield made


def test_up_and_again_and_another_machine_and_down(scratch: Scratch) -> None:
    """Meanwhile the leader makes an instance: the fingerprint in the state is stale until a refresh, and the old template
    stays as long as the instance does.
    """
    scratch.up()
    scratch.up("--expect-no-changes")
    scratch.up("--refresh", "--expect-no-changes")
    one = {"instances": [{"name": "dev-web-b-0001"}]}
    assert scratch.cloud.post(f"{GROUP}/createInstances", one).status == 200
    scratch.pulumi("config", "set", "machine", "e2-standard-4", "--stack=test")
    assert "Invalid fingerprint" in scratch.up(fails=True)
    assert "already being used by" in scratch.up("--refresh", fails=True)
    group = scratch.cloud.get(GROUP)
    assert group["instanceTemplate"].endswith("/instanceTemplates/dev-web-e2-standard-4")
    assert (group["targetSize"], group["status"]["versionTarget"]["isReached"]) == (1, False)
    one = {"instances": ["zones/europe-west1-b/instances/dev-web-b-0001"]}
    assert scratch.cloud.post(f"{GROUP}/deleteInstances", one).status == 200
    scratch.up("--refresh")
    scratch.pulumi("destroy", "--yes", "--skip-preview", "--stack=test")
    assert scratch.cloud.get("aggregated/instanceTemplates").body["items"].keys().isdisjoint([REGION])
    assert scratch.cloud.get(GROUP).status == 404
