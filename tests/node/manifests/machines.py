"""A machine, for tests of what is made of it."""

from __future__ import annotations

from node.contract.machine_config import MachineConfig
from node.contract.metadata import Machine
from node.contract.worker import Worker
from node.contract.worker_config import WorkerConfig

CONFIG = MachineConfig(
    kubernetes_version="1.36.3",
    etcd_version="3.6.8",
    etcd_quota_bytes=4 * 2**30,
    backup_interval_seconds=1800,
    api_port=443,
    pod_range="10.64.0.0/14",
    service_range="10.0.16.0/20",
    identity_lease_duration_seconds=3600,
    identity_lease_renew_interval_seconds=10,
)

MACHINE = Machine(
    cluster="dev",
    replica="m1-b",
    zone="europe-west1-b",
    instance_id="4711",
    address="10.0.0.2",
    api_address="203.0.113.10",
    bucket="dev-bucket",
    secret="projects/p/secrets/dev-m1-b-pki/versions/1",
    config_hash="hash",
    config=CONFIG,
    pod_range="10.64.0.0/24",
)

WORKER_CONFIG = WorkerConfig(
    cluster="dev",
    pool="web",
    project="p1",
    api_address="203.0.113.10",
    api_port=443,
    audience="ha-masters/dev",
    kubernetes_version="1.36.3",
    pod_range="10.64.0.0/14",
    service_range="10.0.16.0/20",
    dns_address="10.0.16.10",
)

WORKER = Worker(
    name="dev-web-b-x1y2",
    instance_id="4711",
    zone="europe-west1-b",
    machine_type="e2-standard-4",
    address="10.0.0.20",
    pod_range="10.64.9.0/24",
    authority="-----BEGIN CERTIFICATE-----\n",
    config=WORKER_CONFIG,
)
