"""A highly available Kubernetes control plane on Google Compute Engine, driven by a list of replicas.

The order of the statements is the order of an update; `docs/architecture.md` says why it is this one.
"""

from components import config as stack_config
from components import outputs
from components.api_endpoint import ApiEndpoint
from components.api_load_balancer import ApiLoadBalancer
from components.etcd_cluster import EtcdCluster
from components.master_identity import MasterIdentity
from components.master_replica import MasterReplica
from components.naming import Names
from components.network import Network
from components.pki import Pki
from components.preview import announce
from components.state import known_masters

config = stack_config.load()
standing = known_masters()
announce(standing, config)
names = Names(config.cluster_name, config.project)
labels = dict(config.labels)

network = Network(
    "network", config.network, names, config.region, needs_nat=not config.masters.public_addresses
)
pki = Pki("pki", config.cluster_name)
identity = MasterIdentity("masters", names)
endpoint = ApiEndpoint(
    "api",
    config.api,
    names,
    region=config.region,
    network=network.network,
    inside=[config.network.subnet_range, config.network.pod_range],
)
etcd = EtcdCluster(
    "etcd",
    config.etcd,
    names,
    region=config.region,
    network=network.network,
    replicas=config.replicas,
    service_account=identity.email,
    labels=labels,
)
replicas = [
    MasterReplica(
        spec,
        config,
        names,
        network=network,
        identity=identity,
        pki=pki,
        etcd=etcd,
        api_address=endpoint.address,
    )
    for spec in config.replicas
]

members = etcd.declare(replicas)
previous = None
for replica in replicas:
    if replica.spec.identity in {master.identity for master in standing}:
        replica.boot(members, after=previous)
        previous = replica.ready
    else:
        replica.boot(members, after=None)
joined = etcd.joined(replicas)

balancer = None
if config.load_balanced:
    balancer = ApiLoadBalancer(
        "api-lb",
        names,
        region=config.region,
        network=network.network,
        port=config.api.port,
        replicas=replicas,
    )
served = endpoint.serve(replicas, balancer, after=joined)
etcd.released(after=served)

outputs.export(config, names, pki, endpoint.url, endpoint.address, replicas)
