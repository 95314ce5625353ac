"""Add-ons alone, as the program has them, between two resources that stand for the masters'."""

from pathlib import Path

import pulumi
import pulumi_tls as tls

from components.addons import Access, ClusterAddons, asked
from components.config import AddonSpec
from components.standing.last_known import last_known

config = pulumi.Config()
way_in = Access(
    "lab-project/dev",
    "dev",
    pulumi.Output.from_input(config.require("url")),
    *(pulumi.Output.from_input(Path(name).read_text()) for name in ("ca.crt", "admin.crt", "admin.key")),
)
specs = [AddonSpec(**spec) for spec in config.require_object("addons")]
standing = last_known()

cluster = pulumi.ComponentResource("ha-masters:index:ControlPlane", "control-plane")
retained = tls.PrivateKey("retained", algorithm="ED25519", opts=pulumi.ResourceOptions(parent=cluster))
stands_on = [retained]
if own := asked(specs, standing):
    stands_on.append(
        ClusterAddons("addons", own, way_in, last=standing.addons_digest, after=retained, whole=cluster)
    )
left = pulumi.ResourceOptions(parent=cluster, protect=True, depends_on=stands_on)
tls.PrivateKey("left", algorithm="ED25519", opts=left)
