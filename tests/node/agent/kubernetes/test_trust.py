"""What an agent says of the generations by which its machine lives, and since when it signs tokens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from node.agent.kubernetes.control_plane import ControlPlane
from node.agent.kubernetes.static_pods import Pods
from node.agent.kubernetes.trust import SIGNS, Trust
from node.contract.authorities import Authorities
from node.host import paths
from node.host.files import under, write
from node.manifests.controllers import CONTROLLER_MANAGER
from node.manifests.pod import Pod
from tests.node.agent.kubelet import Kubelet, PretendedHost
from tests.node.host.test_issuers import files
from tests.node.manifests.machines import MACHINE

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def since(root: Path, told: dict[str, tuple[int, ...]], now: datetime) -> str:
    machine = replace(MACHINE, authorities=Authorities.made(told))
    view = Trust(root).look(machine, lambda: True, now)
    own = view.of("serviceAccounts") if view else None
    return own.since if own else ""


def lay_down(root: Path) -> None:
    for name, content in files().items():
        write(under(root, paths.secret(name)), content, 0o600)


def test_nothing_is_said_while_processes_run_otherwise(tmp_path: Path) -> None:
    lay_down(tmp_path)
    machine = replace(MACHINE, authorities=Authorities.made({"cluster": (1, 2)}))
    assert Trust(tmp_path).look(machine, lambda: False, NOW) is None


def test_a_machine_that_does_not_follow_its_metadata_runs_nothing_as_told(tmp_path: Path) -> None:
    """Its own configuration has no hash, and neither has a control plane that never ran."""
    kubelet = Kubelet(tmp_path, {})
    kubelet.halt()
    plane = ControlPlane(Pods(tmp_path), PretendedHost(kubelet), tmp_path)
    assert not plane.runs(replace(MACHINE, config_hash=""))


class Refusing(PretendedHost):
    """A controller manager that refuses its flags: its process is seen, and never answers."""

    def __init__(self, kubelet: Kubelet) -> None:
        super().__init__(kubelet)
        self.refuses = True

    def lives(self, pod: Pod) -> bool:
        return not (self.refuses and pod["metadata"]["name"] == CONTROLLER_MANAGER)


def test_what_is_started_again_and_again_does_not_run_as_told(tmp_path: Path) -> None:
    kubelet = Kubelet(tmp_path, {})
    kubelet.halt()
    host = Refusing(kubelet)
    plane = ControlPlane(Pods(tmp_path), host, tmp_path)
    plane.settle(MACHINE, True, draining=False, now=0)
    assert (plane.applied_hash, plane.running_hash) == (MACHINE.config_hash, "")
    assert plane.trouble == "kube-controller-manager doesn't run as it was told"

    host.refuses = False
    plane.settle(MACHINE, True, draining=False, now=0)
    assert (plane.running_hash, plane.trouble) == (MACHINE.config_hash, "")


def test_a_key_that_signed_before_any_rotation_is_known_by_its_day(tmp_path: Path) -> None:
    lay_down(tmp_path)
    assert since(tmp_path, {}, NOW) == ""
    assert since(tmp_path, {"serviceAccounts": (1, 2)}, NOW + timedelta(days=9)) == "2026-11-25T12:00:00Z"


def test_another_key_begins_with_the_first_look(tmp_path: Path) -> None:
    lay_down(tmp_path)
    since(tmp_path, {"serviceAccounts": (1, 2)}, NOW - timedelta(days=9))
    since(tmp_path, {"serviceAccounts": (2, 1)}, NOW)
    assert since(tmp_path, {"serviceAccounts": (2, 1)}, NOW + timedelta(hours=3)) == "2026-11-25T12:00:00Z"


def test_what_is_forgotten_begins_anew(tmp_path: Path) -> None:
    lay_down(tmp_path)
    write(under(tmp_path, SIGNS), "{")
    assert since(tmp_path, {"serviceAccounts": (2, 1)}, NOW) == "2026-11-25T12:00:00Z"
