"""What masters and workers have alike: the site that is worked on, one at a time; what runs containers; the zipapp."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node.contract import bucket_layout, metadata
from node.contract.machine_config import CONTAINERD, Artifacts
from node.host import archives, fetch, paths, units
from node.host.bucket import Bucket
from node.host.commands import Commands
from node.host.endpoints import Endpoints
from node.host.files import under
from node.host.lock import locked
from node.host.metadata_server import Metadata
from node.manifests.units import KUBELET, containerd_config

ALONE_SECONDS = 600.0


@dataclass(frozen=True)
class Site:
    """The machine that is worked on. `root` is `/` but in tests."""

    root: Path
    metadata: Metadata
    endpoints: Endpoints
    commands: Commands
    say: Callable[[str], None] = print

    def bucket(self, name: str) -> Bucket:
        return Bucket(self.endpoints.storage, name, self.metadata)


def set_up(
    site: Site,
    artifacts: Artifacts,
    attributes: Mapping[str, Any],
    texts: Mapping[str, str],
    runtime: str,
    *,
    changed: bool,
) -> None:
    """What masters and workers have alike: what runs containers, by the unit `runtime`, and the units `texts`, a kubelet's
    among them. `changed`: the kubelet's own files are new to it. Call it `alone`; raises as `configure` does.
    """
    root = site.root
    download = fetch.downloads(artifacts.mirror, site.bucket)
    units.install_packages(root, site.commands, runtime=artifacts.archive(CONTAINERD) is None)
    archives.install(root, artifacts, download)
    units.configure_guest_agent(root, site.commands)
    # For another kind of kernel the metadata may have the whole of it.
    text = str(attributes.get(metadata.CONTAINERD_CONFIG) or containerd_config(artifacts))
    units.configure_containerd(root, text, site.commands, runtime)
    changed |= fetch.install(root, artifacts, download, site.commands)
    under(root, paths.MANIFESTS).mkdir(parents=True, exist_ok=True)
    written = units.start(root, texts, site.commands)
    if changed or KUBELET in written:
        units.restart(KUBELET, site.commands)


def update_zipapp(site: Site, attributes: Mapping[str, Any]) -> bool:
    """Returns whether another release replaced this code; the caller then has to start it. The rest of the attributes may be
    that release's, and nothing that this one understands.
    """
    if not (wanted := str(attributes.get(metadata.AGENT_SHA256) or "")):
        return False
    bucket, target = site.bucket(str(attributes[metadata.BUCKET])), under(site.root, paths.ZIPAPP)
    return fetch.fetch(target, bucket_layout.release(wanted), wanted, bucket.download, 0o644)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Bootstrap and agent, one after the other. Raises MachineError when the other doesn't end."""
    lock = under(root, f"{paths.STATE}/configure.lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    with locked(lock, ALONE_SECONDS, "bootstrap or agent to finish configuring this machine"):
        yield
