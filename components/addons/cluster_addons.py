"""The component that gives users' objects to the cluster: each is a resource, so that previews and policies see it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

import pulumi

from components.addons import kinds, programs, tokens
from components.addons.manifests import Addons, Manifest
from components.addons.skipping import skips
from components.kubeconfig import kubeconfig
from components.pki.cluster import Pki
from components.resource_names import Names
from components.waiting import waits_for

PACKAGE: Final = "kubernetes"
REQUEST_SECONDS: Final = 10
"""The longest that a call may take, a call of a webhook within it included. An address that swallows packets is asked twice
whenever the provider starts.
"""

_SECRET = ("data", "stringData")


@dataclass(frozen=True, slots=True)
class Access:
    """The way in, as the stack's kubeconfig has it. `identifier` is the cluster's for life."""

    identifier: str
    cluster: str
    url: pulumi.Output[str]
    authority: pulumi.Output[str]
    certificate: pulumi.Output[str]
    key: pulumi.Output[str]

    @classmethod
    def by(cls, pki: Pki, url: pulumi.Output[str], names: Names) -> Access:
        """Returns the administrator's."""
        admin = pki.admin
        return cls(
            f"{names.project}/{names.cluster}",
            names.cluster,
            url,
            pki.cluster_ca.certificate_pem,
            admin.certificate_pem,
            admin.key_pem,
        )


class ClusterAddons(pulumi.ComponentResource):
    """The provider, and below it what each add-on asks for.

    They come after `after`, once masters have had their turns, so nothing of theirs waits for an add-on. `last` is the
    digest of what the last update brought, empty unless it brought all of it. A destroy of the whole cluster asks the API
    for nothing: `whole` is what goes with the objects (the engine's option `deletedWith`).
    """

    def __init__(
        self,
        name: str,
        asked: Addons,
        access: Access,
        *,
        last: str,
        after: pulumi.CustomResource,
        whole: pulumi.Resource,
    ) -> None:
        self._name, self._whole = name, whole
        same, table = last == asked.digest, _table(asked)
        skipping = skips(access.url, access.authority, after, same=same, programs=bool(asked.programs))
        # Recorded behind the look at the API: an update that found no way has begun nothing.
        begun = skipping.apply(lambda _: asked.digest)
        super().__init__(
            "ha-masters:index:ClusterAddons",
            name,
            {"digest": begun, "addons": table},
            pulumi.ResourceOptions(parent=whole, deleted_with=whole),
        )
        self._provider = self._provide(access, skipping, after)
        parents = {addon: self._addon(addon, told) for addon, told in table.items()}
        made = self._objects(asked.manifests, parents)
        for addon, path in asked.programs.items():
            programs.load(addon, path)(self._provider, self._below(parents[addon]))
        done = pulumi.Output.all(self._provider.id, *(each.id for each in made))
        self.register_outputs({"digest": done.apply(lambda _: asked.digest), "addons": table})

    def _addon(self, addon: str, told: Mapping[str, Any]) -> pulumi.ComponentResource:
        child = pulumi.ResourceOptions(parent=self, deleted_with=self._whole)
        return pulumi.ComponentResource("ha-masters:index:Addon", f"{self._name}-{addon}", told, child)

    def _below(self, parent: pulumi.Resource, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=parent, provider=self._provider, deleted_with=self._whole, **more
        )

    def _provide(
        self, access: Access, skipping: pulumi.Output[str], after: pulumi.CustomResource
    ) -> pulumi.ProviderResource:
        """Returns the provider. With an identifier that never changes, no other certificate, authority or address of the
        same cluster makes all objects anew (`DiffConfig` in the provider's provider.go).
        """
        way_in = pulumi.Output.all(access.url, access.authority, access.certificate, access.key)
        found = way_in.apply(lambda known: kubeconfig(access.cluster, *known))
        settings: dict[str, pulumi.Input[str]] = {
            "kubeconfig": pulumi.Output.secret(found),
            "clusterIdentifier": access.identifier,
            "kubeClientSettings": json.dumps({"timeout": REQUEST_SECONDS}),
            # Else another content is another object, and who mounts it finds none for a while.
            "enableConfigMapMutable": "true",
            "enableSecretMutable": "true",
            "skipUpdateUnreachable": skipping,
        }
        opts = pulumi.ResourceOptions(
            parent=self,
            depends_on=[waits_for(after)],
            deleted_with=self._whole,
            version=version(f"pulumi-{PACKAGE}"),
        )
        return pulumi.ProviderResource(PACKAGE, f"{self._name}-provider", settings, opts)

    def _objects(
        self, manifests: Sequence[Manifest], parents: Mapping[str, pulumi.Resource]
    ) -> list[pulumi.CustomResource]:
        """Registers namespaces and definitions before what is in them or of their kind."""
        found: dict[tuple[tuple[str, str], str], pulumi.CustomResource] = {}
        defined = _defined(manifests)
        for manifest in sorted(
            manifests, key=lambda each: each.kind not in (kinds.NAMESPACE, kinds.DEFINITION)
        ):
            first = [
                found.get((kinds.NAMESPACE, manifest.namespace)),
                found.get((kinds.DEFINITION, defined.get(manifest.kind, ""))),
            ]
            opts = self._below(
                parents[manifest.addon],
                depends_on=[each for each in first if each],
                aliases=tokens.aliases(manifest.content),
                version=version(f"pulumi-{PACKAGE}"),
                additional_secret_outputs=list(_SECRET) if manifest.kind == ("", "Secret") else None,
            )
            found[manifest.kind, manifest.path] = pulumi.CustomResource(
                tokens.type_of(manifest.content), manifest.path, _inputs(manifest), opts
            )
        return list(found.values())


def _table(asked: Addons) -> dict[str, dict[str, Any]]:
    """Returns, by add-on, what it asks for, in the words of people."""
    table: dict[str, dict[str, Any]] = {}
    for each in asked.manifests:
        table.setdefault(each.addon, {"objects": []})["objects"].append(str(each))
    return table | {addon: {"program": path.name} for addon, path in asked.programs.items()}


def _defined(manifests: Sequence[Manifest]) -> dict[tuple[str, str], str]:
    """Returns the definitions' names by the kind that they define."""
    return {
        kind: each.name
        for each in manifests
        if each.kind == kinds.DEFINITION
        for kind in kinds.scopes([each.content])
    }


def _inputs(manifest: Manifest) -> dict[str, Any]:
    content = dict(manifest.content)
    if manifest.kind == ("", "Secret"):
        content |= {key: pulumi.Output.secret(content[key]) for key in _SECRET if key in content}
    return content
