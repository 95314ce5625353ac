"""Stack config, parsed once into frozen typed values; a bad one is refused with all its problems at once.

`load()` reads the running stack's config, `parse()` is the same without Pulumi.
"""

from components.config.backup import BackupSpec
from components.config.builds import Build, Stood
from components.config.errors import ConfigErrors, Problem
from components.config.load import load
from components.config.masters import MastersSpec
from components.config.spec import (
    ALWAYS,
    AUTO,
    BESIDE,
    NONE,
    ONLY,
    ROLES,
    ApiSpec,
    ArtifactsSpec,
    DataDiskProtection,
    EtcdSpec,
    FileSpec,
    ImageSpec,
    LeaseSpec,
    NetworkSpec,
    PoolSpec,
    ReplicaSpec,
    RuntimeSpec,
    StackConfig,
    TaintSpec,
    UserSpec,
)
from components.config.stack import parse

__all__ = [
    "ALWAYS",
    "AUTO",
    "BESIDE",
    "NONE",
    "ONLY",
    "ROLES",
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
