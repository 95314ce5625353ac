"""Users' Python files: each has a function `addons` that registers what it likes, Helm charts too.

    import pulumi_kubernetes as k8s

    def addons(provider, opts):
        k8s.helm.v4.Chart("ingress", chart="./charts/ingress", opts=opts)

`provider` is Pulumi's provider of Kubernetes for this cluster. What is registered with `opts` is the component's: it uses
that provider, and it goes before the cluster does.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi

FUNCTION = "addons"


def load(name: str, path: Path) -> Callable[[pulumi.ProviderResource, pulumi.ResourceOptions], Any]:
    """Returns the function of the add-on `name`. Raises RunError where the file has none."""
    spec = importlib.util.spec_from_file_location(f"ha_masters_addon_{name.replace('-', '_')}", path)
    if spec is None or spec.loader is None:
        raise pulumi.RunError(f"The add-on {name}: Python can't load {path.name}. Name a .py file.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function = getattr(module, FUNCTION, None)
    if not callable(function):
        raise pulumi.RunError(
            f"The add-on {name}: {path.name} has no function `{FUNCTION}`. "
            f"Write one, `def {FUNCTION}(provider, opts)`, that registers its resources with `opts=opts`."
        )
    made: Callable[[pulumi.ProviderResource, pulumi.ResourceOptions], Any] = function
    return made
