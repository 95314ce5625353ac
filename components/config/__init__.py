"""Stack config, parsed once into frozen typed values; a bad one is refused with all its problems at once.

`load()` reads the running stack's config, `parse()` is the same without Pulumi.

A section of the config is a class in the module of its name (`network`, `etcd`, `pools`; that of `api` in `access`), and
`spec` has the outermost one. A field declares its key by `setting`, which says how it is read and what it is by default;
`section` reads what was declared. The module's `read_…` checks what its keys can only be together, and `stack` what
sections can. `misspelt` has what is said of a key that nobody declared.
"""

from components.config.access import ALWAYS, AUTO, ApiSpec
from components.config.addons import AddonSpec
from components.config.artifact_spec import ArtifactsSpec, FileSpec, ImageSpec, RuntimeSpec
from components.config.backup import BackupSpec
from components.config.builds import Build, Stood
from components.config.cloud_controller import OFF, SERVICES
from components.config.errors import ConfigErrors, Problem
from components.config.etcd import DataDiskProtection, EtcdSpec
from components.config.internal import BESIDE, NONE, ONLY
from components.config.lease import LeaseSpec
from components.config.load import load
from components.config.masters import MastersSpec
from components.config.network import NetworkSpec
from components.config.node_labels import TaintSpec
from components.config.pools import PoolSpec
from components.config.replicas import ReplicaSpec
from components.config.spec import StackConfig
from components.config.stack import parse
from components.config.users import ROLES, UserSpec

__all__ = [
    "ALWAYS",
    "AUTO",
    "BESIDE",
    "NONE",
    "OFF",
    "ONLY",
    "ROLES",
    "SERVICES",
    "AddonSpec",
    "ApiSpec",
    "ArtifactsSpec",
    "BackupSpec",
    "Build",
    "ConfigErrors",
    "DataDiskProtection",
    "EtcdSpec",
    "FileSpec",
    "ImageSpec",
    "LeaseSpec",
    "MastersSpec",
    "NetworkSpec",
    "PoolSpec",
    "Problem",
    "ReplicaSpec",
    "RuntimeSpec",
    "StackConfig",
    "Stood",
    "TaintSpec",
    "UserSpec",
    "load",
    "parse",
]
