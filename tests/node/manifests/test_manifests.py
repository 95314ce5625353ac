"""What the manifests must hold to, whatever their words."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from node.contract import timings
from node.contract.api_server import ApiServer, Issuer
from node.contract.authorities import Authorities
from node.contract.fields import FormatError
from node.contract.machine_config import Artifacts, Image, MachineConfig
from node.contract.metadata import Machine
from node.host import paths
from node.manifests import apiserver_files
from node.manifests.apiserver import apiserver_pod
from node.manifests.controllers import controller_manager_pod, scheduler_pod
from node.manifests.etcd import Beginning, etcd_pod
from node.manifests.files import configuration
from node.manifests.pod import revision
from tests.node.manifests.machines import CONFIG, MACHINE

PLAIN = {
    "kubernetesVersion": "1.36.3",
    "etcdVersion": "3.6.8",
    "etcdQuotaBytes": 4 * 2**30,
    "backupIntervalSeconds": 1800,
    "apiPort": 443,
    "podRange": "10.64.0.0/14",
    "serviceRange": "10.0.16.0/20",
    "identityLeaseDurationSeconds": 3600,
    "identityLeaseRenewIntervalSeconds": 10,
}
NEW = Beginning.new(MACHINE)


def flags(pod: dict[str, Any]) -> dict[str, str]:
    command = pod["spec"]["containers"][0]["command"][1:]
    return dict(argument.removeprefix("--").partition("=")[::2] for argument in command)


def test_what_the_program_writes_today_is_read() -> None:
    assert MachineConfig.parse(json.dumps(PLAIN)) == CONFIG


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            {"kubernetesVersion": "v1.36"}, "machine-config.kubernetesVersion is 'v1.36'", id="version"
        ),
        pytest.param({"apiPort": 0}, "machine-config.apiPort is 0", id="port"),
        pytest.param({"podRange": "10.64.0.1/14"}, "machine-config.podRange", id="range"),
        pytest.param({"sshKeys": "x"}, "machine-config.sshKeys is unknown", id="unknown key"),
        pytest.param(
            {
                "artifacts": {
                    "mirror": "",
                    "images": [],
                    "binaries": [{"name": "k", "path": "k", "sha256": "1"}],
                }
            },
            "sha256 is '1'",
            id="checksum",
        ),
    ],
)
def test_a_config_that_cannot_be_followed_is_refused_by_key(change: dict[str, Any], said: str) -> None:
    with pytest.raises(FormatError, match=said.replace(".", r"\.")):
        MachineConfig.parse(json.dumps(PLAIN | change))


def test_an_image_is_the_one_that_is_pinned() -> None:
    pinned = Artifacts(images=(Image("etcd", "mirror.example/etcd@sha256:1"),))
    machine = replace(MACHINE, config=replace(CONFIG, artifacts=pinned))
    assert etcd_pod(machine, NEW)["spec"]["containers"][0]["image"] == "mirror.example/etcd@sha256:1"


def test_etcd_begins_as_it_began_when_only_its_configuration_changes() -> None:
    joined = etcd_pod(MACHINE, Beginning.join(MACHINE, [("m2-c", "https://10.0.0.3:2380")]))
    assert Beginning.of_pod(joined) == Beginning.join(MACHINE, [("m2-c", "https://10.0.0.3:2380")])


def test_two_creations_at_one_address_make_two_clusters() -> None:
    other = Beginning.new(replace(MACHINE, instance_id="4712"))
    assert other.token != NEW.token


def test_etcd_never_runs_on_the_boot_disk() -> None:
    volumes = [each["hostPath"] for each in etcd_pod(MACHINE, NEW)["spec"]["volumes"]]
    assert {"path": paths.ETCD_DATA, "type": "Directory"} in volumes


def test_etcd_is_probed_as_a_learner_can_answer() -> None:
    probes = etcd_pod(MACHINE, NEW)["spec"]["containers"][0]
    assert probes["livenessProbe"]["httpGet"]["path"] == "/livez"


def test_the_apiserver_speaks_to_its_own_etcd_only_and_for_the_cluster_s_address() -> None:
    found = flags(apiserver_pod(MACHINE))
    assert (found["etcd-servers"], found["advertise-address"]) == ("https://127.0.0.1:2379", "203.0.113.10")


def test_the_kubelet_waits_longer_than_the_apiserver_drains() -> None:
    assert apiserver_pod(MACHINE)["spec"]["terminationGracePeriodSeconds"] >= timings.APISERVER_DRAIN + 60


def test_no_flag_gives_api_server_identity_s_lease_which_no_release_takes() -> None:
    assert not [name for name in flags(apiserver_pod(MACHINE)) if name.startswith("identity-lease")]


def test_anonymous_auth_is_said_in_one_place_only() -> None:
    assert "anonymous-auth" not in flags(apiserver_pod(MACHINE))
    assert [each["path"] for each in apiserver_files.authentication()["anonymous"]["conditions"]] == [
        "/readyz",
        "/livez",
        "/healthz",
    ]


@pytest.mark.parametrize("make", [controller_manager_pod, scheduler_pod])
def test_one_of_each_controller_acts(make: Any) -> None:
    assert flags(make(MACHINE))["leader-elect"] == "true"


@pytest.mark.parametrize(
    ("version", "named"),
    [
        pytest.param("1.36.3", True, id="as standing masters have it"),
        pytest.param("1.37.0", False, id="refused where it is named"),
        pytest.param("1.40.1", False, id="later"),
    ],
)
def test_no_controller_is_named_that_the_controller_manager_does_not_know(version: str, named: bool) -> None:
    machine = replace(MACHINE, config=replace(CONFIG, kubernetes_version=version))
    asked = flags(controller_manager_pod(machine))["controllers"].split(",")
    assert ("-node-route-controller" in asked) == named
    assert "-node-ipam-controller" in asked


def test_a_new_key_writes_and_the_former_still_reads() -> None:
    providers = apiserver_files.encryption(["new", "former"])["resources"][0]["providers"]
    one, two = providers[0]["secretbox"]["keys"]
    assert apiserver_files.encryption(["new"])["resources"][0]["providers"][0]["secretbox"]["keys"] == [one]
    assert one != two
    assert providers[-1] == {"identity": {}}


def test_without_a_key_nothing_is_written_in_the_clear() -> None:
    with pytest.raises(ValueError, match="in the clear"):
        apiserver_files.encryption([])


def test_a_changed_flag_changes_the_revision_and_nothing_else_does() -> None:
    same = etcd_pod(MACHINE, NEW)
    other = etcd_pod(replace(MACHINE, config=replace(CONFIG, etcd_quota_bytes=2**30)), NEW)
    assert revision(same) == revision(etcd_pod(replace(MACHINE, config_hash="other"), NEW))
    assert revision(same) != revision(other)


ALL = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"}


@pytest.mark.parametrize(
    ("authority", "who"),
    [
        pytest.param("cluster", ALL - {"etcd"}, id="cluster"),
        pytest.param("etcdPeers", {"etcd"}, id="peers"),
        pytest.param("etcdClients", {"etcd", "kube-apiserver"}, id="clients"),
        pytest.param("frontProxy", ALL - {"etcd", "kube-scheduler"}, id="front proxy"),
        pytest.param("serviceAccounts", ALL - {"etcd", "kube-scheduler"}, id="tokens"),
    ],
)
@pytest.mark.parametrize("numbers", [(1, 2), (2, 1), (2,)])
def test_whoever_trusts_an_authority_starts_anew_at_each_stage(
    authority: str, who: set[str], numbers: tuple[int, ...]
) -> None:
    def revisions(machine: Machine) -> dict[str, str]:
        pods = [
            etcd_pod(machine, NEW), apiserver_pod(machine), controller_manager_pod(machine), scheduler_pod(machine)
        ]  # fmt: skip
        return {pod["metadata"]["name"]: revision(pod) for pod in pods}

    before = revisions(MACHINE)
    after = revisions(replace(MACHINE, authorities=Authorities.made({authority: numbers})))
    assert {name for name in ALL if before[name] != after[name]} == who


def asking(**options: Any) -> Machine:
    return replace(MACHINE, api_server=ApiServer(**options))


def written(machine: Machine, path: str) -> dict[str, Any]:
    [text] = [
        file.text for file in configuration(machine, {"secrets-encryption.key": "k"}) if file.path == path
    ]
    return dict(json.loads(text))


def test_options_of_the_api_server_become_flags_beside_the_program_s_own() -> None:
    found = flags(
        apiserver_pod(
            asking(
                log_level=2,
                enabled_plugins=("AlwaysPullImages",),
                disabled_plugins=("PodSecurity",),
                audit_max_age_days=30,
                audit_max_backups=9,
                audit_max_size_mb=50,
            )
        )
    )
    own = flags(apiserver_pod(MACHINE))
    assert {name: value for name, value in found.items() if own.get(name) != value} == {
        "v": "2",
        "enable-admission-plugins": "NodeRestriction,AlwaysPullImages",
        "disable-admission-plugins": "PodSecurity",
        "audit-log-maxage": "30",
        "audit-log-maxbackup": "9",
        "audit-log-maxsize": "50",
    }


def test_issuers_stand_beside_the_anonymous_access_to_health() -> None:
    issuer = Issuer(
        "https://a.example",
        ("k", "c"),
        groups_claim="groups",
        required_claims=(("hd", "example.com"),),
        certificate_authority="PEM",
    )
    found = written(asking(issuers=(issuer,)), paths.AUTHENTICATION)
    assert found["anonymous"] == apiserver_files.authentication()["anonymous"]
    assert found["jwt"] == [
        {
            "issuer": {
                "url": "https://a.example",
                "audiences": ["k", "c"],
                "audienceMatchPolicy": "MatchAny",
                "certificateAuthority": "PEM",
            },
            "claimValidationRules": [{"claim": "hd", "requiredValue": "example.com"}],
            "claimMappings": {
                "username": {"claim": "sub", "prefix": "oidc:"},
                "groups": {"claim": "groups", "prefix": "oidc:"},
            },
        }
    ]


def test_an_audit_policy_of_the_operator_s_is_alone() -> None:
    found = written(asking(audit_policy={"rules": [{"level": "Request"}]}), paths.AUDIT_POLICY)
    assert found == {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Request"}]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            {"issuers": (Issuer("https://a", ("k",)),)},
            {"issuers": (Issuer("https://a", ("c",)),)},
            id="issuer",
        ),
        pytest.param(
            {"audit_policy": {"rules": [{"level": "None"}]}},
            {"audit_policy": {"rules": [{"level": "Request"}]}},
            id="audit policy",
        ),
        pytest.param({"issuers": (Issuer("https://a", ("k",)),)}, {}, id="no issuer any more"),
    ],
)
def test_an_api_server_starts_anew_for_a_file_that_it_reads_once(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert revision(apiserver_pod(asking(**one))) != revision(apiserver_pod(asking(**other)))
