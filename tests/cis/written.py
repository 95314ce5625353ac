"""What the program writes on a master and on a worker. All belongs to root, as whom bootstrap and the agent run."""

from __future__ import annotations

import json

from components.base_addons.kube_proxy import objects
from components.base_addons.pods import Api
from node.contract.secret_files import NEEDED
from node.host import paths
from node.manifests import controllers, etcd, files, kubelet, worker
from node.manifests.apiserver import apiserver_pod
from node.manifests.etcd import Beginning
from node.manifests.pod import Pod
from tests.cis.facts import Facts, File, flags_of
from tests.node.manifests.machines import MACHINE, WORKER

UNIT = File("644")
"""`write` of node.host.files has this mode where none is given, and units are given none."""


def master() -> Facts:
    pods: list[Pod] = [
        apiserver_pod(MACHINE),
        controllers.controller_manager_pod(MACHINE),
        controllers.scheduler_pod(MACHINE),
        etcd.etcd_pod(MACHINE, Beginning.new(MACHINE)),
    ]
    secret = dict.fromkeys(NEEDED, "") | {"secrets-encryption.key": "key"}
    laid = {each.path: _file(each) for each in files.configuration(MACHINE, secret)}
    laid |= {f"{paths.MANIFESTS}/{pod['metadata']['name']}.json": File("600") for pod in pods}
    laid |= {paths.secret(name): File("600") for name in NEEDED}
    laid |= {paths.SECRETS: File("700"), paths.ETCD_DATA: File("700")}
    laid["/etc/systemd/system/kubelet.service"] = UNIT
    flags = {pod["metadata"]["name"]: flags_of(pod["spec"]["containers"][0]["command"]) for pod in pods} | {
        "kubelet": flags_of(kubelet.kubelet_unit(MACHINE).split())
    }
    return Facts("a master", "master", flags, kubelet.kubelet_config(MACHINE), laid)


def of_a_worker() -> Facts:
    laid = {each.path: _file(each) for each in worker.configuration(WORKER)}
    laid["/etc/systemd/system/kubelet.service"] = UNIT
    flags = {"kubelet": flags_of(worker.kubelet_unit(WORKER).split())}
    return Facts("a worker", "worker", flags, worker.kubelet_config(WORKER), laid)


def cluster() -> Facts:
    (data,) = (
        each["data"] for each in objects("image", Api("203.0.113.10", 443), "10.64.0.0/14") if "data" in each
    )
    return Facts("the cluster", "cluster", config=json.loads(data["config.json"]))


def _file(each: files.File) -> File:
    return File(f"{each.mode:o}", text=each.text)
