"""What Kubernetes would delete although it is asked for: all that is in a namespace, or of a kind, that leaves the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from components.addons.manifests import Manifest
from components.config import AddonSpec, Problem

_NAMESPACE, _DEFINITION = "Namespace ", "CustomResourceDefinition "


def taken_along(
    manifests: Sequence[Manifest],
    specs: Sequence[AddonSpec],
    project: str,
    *,
    recorded: Set[str],
    defines: Mapping[str, tuple[str, str]],
) -> Iterator[Problem]:
    """Yields a problem for each namespace and definition that goes and whose objects stay. `recorded` are the objects of the
    last update, in the words of `Manifest`; `defines` has group and kind by the name of a definition that it made.
    """
    gone = recorded - {str(each) for each in manifests}
    namespaces = {each.removeprefix(_NAMESPACE): each for each in gone if each.startswith(_NAMESPACE)}
    definitions = {
        defines[name]: each
        for each in gone
        if each.startswith(_DEFINITION) and (name := each.removeprefix(_DEFINITION)) in defines
    }
    told: set[str] = set()
    for manifest in manifests:
        goes = namespaces.get(manifest.namespace) or definitions.get(manifest.kind)
        if goes is None or goes in told:
            continue
        told.add(goes)
        number = next(number for number, spec in enumerate(specs) if spec.name == manifest.addon)
        yield Problem(
            f"{project}:addons[{number}].manifests",
            specs[number].manifests,
            f"has the {manifest}, and the {goes}, which leaves the files, would take it along, data too",
            f"Keep the {goes.partition(' ')[0]}, or take off first what is in it or of its kind",
        )
