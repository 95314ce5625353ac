"""A highly available Kubernetes control plane on Google Compute Engine, driven by a list of replicas.

The order of the statements is the order of an update; `docs/architecture.md` says why it is this one.
"""

import pulumi

from components import config as stack_config
from components import outputs, speed
from components.addons import Access, ClusterAddons, asked
from components.api_endpoint import ApiEndpoint
from components.api_load_balancer import ApiLoadBalancer
from components.api_users import ApiUsers
from components.cloud_controller import CloudController
from components.control_plane import ControlPlane
from components.etcd_cluster import EtcdCluster
from components.foundation import Foundation
from components.master_machine import boot_in_turn
from components.master_replica import MasterReplica
from components.master_service_account import MasterServiceAccount
from components.network import Network
from components.outlook import outlook
from components.pki.cluster import Pki
from components.present import when_done
from components.resource_names import Names
from components.restore import export as export_restored
from components.standing.last_known import last_known
from components.workers import Workers

speed.without_garbage_collection()

standing = last_known()
config = stack_config.load(standing.stood)
own_addons = asked(config.own_addons, standing)
before = outlook(standing, config)
names = Names(config.cluster_name, config.project)

root = ControlPlane("control-plane", config)
within = pulumi.ResourceOptions(parent=root)
service_account = MasterServiceAccount("masters", names, within)
network = Network("network", config, names, within)
pki = Pki(
    "pki",
    config.cluster_name,
    config.api.server.encryption_keys,
    within,
    authorities=config.authorities,
    pools=config.workers,
)
endpoint = ApiEndpoint("api", config, names, network, within)
etcd = EtcdCluster("etcd", config, names, network, service_account, within)
cloud = (
    CloudController("cloud-controller", config, names, service_account, within)
    if config.serves_services
    else None
)
foundation = Foundation(
    config,
    names,
    network,
    service_account,
    pki,
    etcd.trust,
    etcd.bucket,
    endpoint.address,
    endpoint.beside,
    cloud.rights if cloud else (),
)
replicas = [MasterReplica(spec, foundation, within) for spec in config.replicas]

users = None
if config.api.users is not None:
    users = ApiUsers("users", config.api.users, pki.cluster_ca, etcd.bucket.bucket, within)

members = etcd.declare(replicas, before.restore)
machines = boot_in_turn(replicas, members, before)
workers = Workers("workers", foundation, standing, within) if config.workers else None
joined = etcd.joined(machines)

balancer = (
    ApiLoadBalancer("api-lb", config, names, network, machines, within)
    if config.load_balanced or config.api.inside
    else None
)
served = endpoint.serve(machines, balancer, after=joined)
pools = workers.declare(after=served) if workers else None
departures = [
    machine.guard_departure([balancer.membership_of[machine.spec.identity]] if balancer else [])
    for machine in machines
]
guards = [*departures, *([*workers.guards, pools] if workers and pools else [])]
etcd.guarded(guards, protected=config.api.protect_address)
retained = etcd.retain(after=served)
addons = None
if own_addons:
    way_in = Access.by(pki, endpoint.url, names)
    addons = ClusterAddons(
        "addons", own_addons, way_in, last=standing.addons_digest, after=retained, whole=root
    )
released = etcd.released(
    after=retained,
    above=[
        service_account,
        network,
        pki,
        endpoint,
        *replicas,
        *filter(None, (balancer, users, workers, pools, addons, cloud)),
    ],
    protected=config.api.protect_address,
)
if cloud:
    cloud.guarded(after=released)

root.register_outputs({"endpoint": endpoint.url})
outputs.export(
    config, names, pki, endpoint, network, replicas, users, when_done(before.told, config, after=released)
)
export_restored(config, after=released)
