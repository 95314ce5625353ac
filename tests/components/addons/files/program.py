"""A user's program, as the guide has it."""

import pulumi


def addons(provider: pulumi.ProviderResource, opts: pulumi.ResourceOptions) -> None:
    found = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"of-{provider.package}"}}
    pulumi.CustomResource("kubernetes:core/v1:ConfigMap", "made-by-a-program", found, opts)
