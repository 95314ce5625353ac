"""What the engine hands over, and the stack files that stand in the repository."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime.config import CONFIG

from components.config import ConfigErrors, FileSpec, StackConfig, load, parse
from components.config.keys import KNOWN
from components.releases import Releases, shipped
from components.releases.document import written

PLACEHOLDER = "<64 hex digits>"
ROOT = Path(__file__).parents[3]
REPLICAS = [{"name": "m1", "zone": "europe-west1-b"}]
GOOD = {
    "gcp:project": "my-project",
    "gcp:region": "europe-west1",
    "ha-masters:clusterName": "prod",
    "ha-masters:replicas": json.dumps(REPLICAS),
}


class CloudDns(pulumi.runtime.Mocks):
    """Knows one managed zone."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return args.name, args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        assert args.token == "gcp:dns/getManagedZone:getManagedZone"
        if args.args["name"] != "example":
            raise LookupError(f"zone {args.args['name']} not found")
        return {"name": "example", "dnsName": "example.com."}


@pytest.fixture(autouse=True)
def engine() -> Iterator[None]:
    config = CONFIG.get()
    pulumi.runtime.set_mocks(CloudDns(), project="ha-masters", stack="prod")
    yield
    CONFIG.set(config)


def loaded(config: dict[str, str], secret_keys: list[str] | None = None) -> StackConfig:
    pulumi.runtime.set_all_config(config, secret_keys or [])
    return load()


def problems(config: dict[str, str], secret_keys: list[str] | None = None) -> list[str]:
    with pytest.raises(pulumi.RunError) as refused:
        loaded(config, secret_keys)
    errors = refused.value.__cause__
    assert isinstance(errors, ConfigErrors)
    assert str(refused.value) == str(errors)
    return [str(problem) for problem in errors.problems]


def stack_file(name: str) -> StackConfig:
    config = yaml.safe_load((ROOT / name).read_text())["config"]
    ours = {key.removeprefix("ha-masters:"): value for key, value in config.items() if key.startswith("ha-")}
    return parse(ours, region=config["gcp:region"], project=config["gcp:project"])


def test_reads_our_keys_and_the_providers() -> None:
    config = loaded(GOOD)
    assert (config.project, config.region, config.cluster_name) == ("my-project", "europe-west1", "prod")


def test_keys_of_others_are_theirs() -> None:
    assert loaded({**GOOD, "gcp:zone": "europe-west1-b", "other:replicas": "3"}).cluster_name == "prod"


def test_refuses_a_key_that_the_engine_ignores() -> None:
    assert problems({**GOOD, "ha-masters:quotaBytes": "1", "ha-masters:etcd": '{"quotaBites": 1}'}) == [
        'ha-masters:quotaBytes: "1" is not a key of ours. Did you mean etcd.quotaBytes?',
        "ha-masters:etcd.quotaBites: 1 is not a key of ours. Did you mean quotaBytes?",
    ]


def test_an_encrypted_value_is_not_shown() -> None:
    config = {**GOOD, "ha-masters:labels": '{"team": "hidden"}'}
    assert problems(config, ["ha-masters:labels"]) == [
        "ha-masters:labels: [secret] is encrypted. Set it without --secret: none of our keys is secret."
    ]


def test_a_dns_name_is_looked_up_in_its_zone() -> None:
    api = {"dnsName": "api.example.org", "managedZone": "example"}
    assert problems({**GOOD, "ha-masters:api": json.dumps(api)}) == [
        'ha-masters:api.dnsName: "api.example.org" lies outside of the managed zone example, which holds '
        "example.com. Choose a name that ends in .example.com, or the zone that holds yours."
    ]


def test_a_zone_that_cannot_be_read_is_a_problem() -> None:
    api = {"dnsName": "api.example.org", "managedZone": "elsewhere"}
    [problem] = problems({**GOOD, "ha-masters:api": json.dumps(api)})
    assert problem.startswith('ha-masters:api.managedZone: "elsewhere" can\'t be read (')
    assert "zone elsewhere not found" in problem


def test_what_is_pinned_beside_the_stacks_files_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pins").mkdir()
    own = replace(shipped().kubernetes["1.36.3"], kubelet={"amd64": "a" * 64, "arm64": "b" * 64})
    (tmp_path / "pins/1.36.99.yaml").write_text(written(Releases(kubernetes={"1.36.99": own})))
    artifacts = loaded({**GOOD, "ha-masters:kubernetesVersion": "1.36.99"}).artifacts
    assert artifacts
    assert artifacts.kubelet == FileSpec("release/v1.36.99/bin/linux/amd64/kubelet", "a" * 64)


def test_a_pin_that_cannot_be_read_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pins").mkdir()
    (tmp_path / "pins/mine.yaml").write_text("kubernets: {}")
    with pytest.raises(pulumi.RunError, match=r"pins/mine\.yaml: 'kubernets' is not known here"):
        loaded(GOOD)


def test_the_project_file_declares_every_key() -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    assert set(declared) == set(KNOWN[""])
    required = [key for key, declaration in declared.items() if "default" not in declaration]
    assert required == ["clusterName", "replicas"]


def test_the_project_file_tells_every_key_inside_of_a_key() -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    for section, keys in KNOWN.items():
        if section:
            description = declared[section.partition(".")[0].removesuffix("[]")]["description"]
            assert [key for key in keys if key not in description] == [], section


def test_the_labs_stack() -> None:
    config = stack_file("Pulumi.dev.yaml")
    assert [replica.identity for replica in config.replicas] == ["m1-b", "m2-c", "m3-d"]


def artifact_blocks() -> list[str]:
    """As documents show them: the example's comment, and what stands in the guide."""
    example = (ROOT / "Pulumi.gcp-example.yaml").read_text()
    [comment] = re.findall(r"^  # ha-masters:artifacts:\n(?:  #   .*\n)+", example, re.MULTILINE)
    guide = (ROOT / "docs/guides/artifacts.md").read_text()
    return [
        re.sub(r"^  # ", "", comment, flags=re.MULTILINE),
        *re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL),
    ]


@pytest.mark.parametrize(
    "block",
    artifact_blocks(),
    ids=["example", "guide: one image", "guide: containerd", "guide: a mirror", "guide: archives"],
)
def test_artifacts_in_documents_are_good_once_digests_are_filled_in(block: str) -> None:
    digests = re.findall(r"[0-9a-f]{64}", block)
    assert digests == [], "a digest in a document would be out of date, or made up"
    raw = yaml.safe_load(block.replace(PLACEHOLDER, "0123456789abcdef" * 4))
    config = {"clusterName": "prod", "replicas": REPLICAS, "artifacts": raw["ha-masters:artifacts"]}
    assert parse(config, region="europe-west1", project="my-project").artifacts


def test_of_the_example_project_region_and_replicas_are_to_be_changed_and_nothing_else() -> None:
    example = yaml.safe_load((ROOT / "Pulumi.gcp-example.yaml").read_text())["config"]
    required = {key: example[key] for key in ("gcp:project", "gcp:region", "ha-masters:replicas")}
    plain = {key: value if isinstance(value, str) else json.dumps(value) for key, value in required.items()}
    assert stack_file("Pulumi.gcp-example.yaml") == loaded({**plain, "ha-masters:clusterName": "prod"})
