"""The objects of all add-ons, read from their files, and everything that is wrong with them, said at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from glob import has_magic
from pathlib import Path
from typing import Any, Final

from components.addons import kinds
from components.addons.documents import documents
from components.config import AddonSpec, ConfigErrors, Problem

DEFAULT_NAMESPACE: Final = "default"
MANAGER: Final = "ha-masters"
"""Who has set the fields of an object, to server-side apply. The provider's own name for that is another for each object,
and lost with an update that is cut off: the next one would meet its own fields as somebody else's.
"""

_MANAGER_KEY = "pulumi.com/patchFieldManager"
_NO_WAIT_KEY = "pulumi.com/skipAwait"
_MOST_FILES = 500


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object. `namespace` is empty where its kind has none, or nobody here knows whether it has."""

    addon: str
    content: Mapping[str, Any]
    namespace: str

    @property
    def kind(self) -> tuple[str, str]:
        return kinds.group_and_kind(self.content)

    @property
    def name(self) -> str:
        return str(self.content["metadata"]["name"])

    @property
    def path(self) -> str:
        """What its resource is called: not for the add-on, so that another add-on can take it over without a moment's
        absence.
        """
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def __str__(self) -> str:
        return f"{self.kind[1]} {self.path}"


@dataclass(frozen=True, slots=True)
class Addons:
    """What all add-ons ask for. `programs` are Python files by the add-on's name."""

    manifests: tuple[Manifest, ...] = ()
    programs: Mapping[str, Path] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Tells one wish from another; without the programs, for they may read what they like."""
        told = [[each.addon, each.namespace, each.content] for each in self.manifests]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Document:
    """An object as it stands in a file; `at` says where."""

    spec: AddonSpec
    key: str
    at: str
    content: Any


class _Problems(list[Problem]):
    def add(self, key: str, value: object, wrong: str, remedy: str) -> None:
        self.append(Problem(key, value, wrong, remedy))


def read(specs: Sequence[AddonSpec], folder: Path, project: str) -> Addons:
    """Reads the files, whose paths begin in `folder`; `project` begins the keys of what is wrong. Raises ConfigErrors."""
    problems = _Problems()
    found: list[_Document] = []
    programs: dict[str, Path] = {}
    for number, spec in enumerate(specs):
        key = f"{project}:addons[{number}]"
        if spec.program:
            programs[spec.name] = folder / spec.program
            if not programs[spec.name].is_file():
                problems.add(f"{key}.program", spec.program, "is no file here", _WHERE)
        else:
            found += _documents(spec, f"{key}.manifests", folder, problems)
    whole = [each for each in found if _whole(each, problems)]
    manifests = tuple(_manifests(whole, problems))
    if problems:
        raise ConfigErrors(problems)
    return Addons(manifests, programs)


_WHERE = "Write a path that begins in the folder of the stack's files"


def _documents(spec: AddonSpec, key: str, folder: Path, problems: _Problems) -> Iterator[_Document]:
    """Yields what stands in the files of an add-on; items of a List one by one, as kubectl takes it."""
    files = _files(spec.manifests, folder)
    if not files:
        problems.add(key, spec.manifests, "is no file here", _WHERE)
        return
    if len(files) > _MOST_FILES:
        problems.add(key, spec.manifests, f"matches {len(files)} files", "Make several add-ons of it")
        return
    count = 0
    for file in files:
        try:
            for number, content in enumerate(documents(file.read_text(encoding="utf-8")), 1):
                at = file.name if number == 1 else f"{file.name}, document {number}"
                for item in _items(content):
                    count += 1
                    yield _Document(spec, key, at, item)
        except (OSError, UnicodeDecodeError) as error:
            problems.add(
                key, spec.manifests, f"has {file.name}, which can't be read: {error}", "Mend the file"
            )
            return
        except ValueError as error:
            problems.add(key, spec.manifests, f"has {file.name}, which is no YAML: {error}", "Mend the file")
            return
    if not count:
        problems.add(key, spec.manifests, "has no object in it", "Write one, or take the add-on off")


def _files(path: str, folder: Path) -> list[Path]:
    """Returns the files that a path names or a pattern matches; a pattern is within the folder."""
    found = [folder / path]
    if has_magic(path):
        found = [] if Path(path).is_absolute() else sorted(folder.glob(path))
    return [file for file in found if file.is_file()]


def _items(content: Any) -> Iterator[Any]:
    if isinstance(content, Mapping) and str(content.get("kind", "")).endswith("List"):
        items = content.get("items")
        if isinstance(items, list) or ("items" in content and items is None):
            yield from items or ()
            return
    yield content


def _whole(document: _Document, problems: _Problems) -> bool:
    """Whether it is an object of Kubernetes' with a name of its own."""
    content = document.content

    def refuse(wrong: str, remedy: str) -> bool:
        problems.add(document.key, document.spec.manifests, f"has in {document.at} {wrong}", remedy)
        return False

    if not isinstance(content, Mapping):
        return refuse("something that is no object", "Write apiVersion, kind and metadata there")
    for key in ("apiVersion", "kind"):
        if not isinstance(content.get(key), str) or not content[key]:
            return refuse(f"an object without {key}", f"Write its {key}")
    metadata = content.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    named = metadata.get("name")
    if not named or not isinstance(named, str):
        return refuse(
            f"a {content['kind']} without a name",
            "Write its metadata.name, in quotes if it looks like a number: generateName makes another each time",
        )
    namespace = metadata.get("namespace")
    if namespace is not None and not isinstance(namespace, str):
        return refuse(
            f"a {content['kind']} {named} whose namespace {namespace} is no text",
            "Put its metadata.namespace in quotes",
        )
    for key in ("annotations", "labels"):
        values = metadata.get(key) or {}
        if not isinstance(values, Mapping) or not all(isinstance(value, str) for value in values.values()):
            return refuse(f"{key} of {content['kind']} {named} that aren't texts", "Put the values in quotes")
    return True


def _manifests(found: Sequence[_Document], problems: _Problems) -> Iterator[Manifest]:
    """Yields them with their namespaces, and refuses what would be one object to the API."""
    defined = kinds.scopes(each.content for each in found)
    first: dict[tuple[tuple[str, str], str], tuple[Manifest, _Document]] = {}
    for document in found:
        manifest = _placed(document, defined)
        known = first.setdefault((manifest.kind, manifest.path), (manifest, document))
        if known[0] is not manifest:
            other = known[1]
            where = other.at if other.spec is document.spec else f"{other.at} of the add-on {other.spec.name}"
            problems.add(
                document.key,
                document.spec.manifests,
                f"has in {document.at} the {manifest}, which stands in {where} already",
                "Keep one of them",
            )
            continue
        yield manifest


def _placed(document: _Document, defined: Mapping[tuple[str, str], bool]) -> Manifest:
    spec, content = document.spec, document.content
    scope = kinds.namespaced(kinds.group_and_kind(content), defined)
    own = content["metadata"].get("namespace") or ""
    namespace = "" if scope is False else own or (spec.namespace or DEFAULT_NAMESPACE if scope else "")
    metadata = {key: value for key, value in content["metadata"].items() if key != "namespace"}
    annotations = {
        _MANAGER_KEY: MANAGER,
        **({} if spec.wait else {_NO_WAIT_KEY: "true"}),
        **(metadata.get("annotations") or {}),
    }
    placed = {**metadata, **({"namespace": namespace} if namespace else {}), "annotations": annotations}
    return Manifest(spec.name, {**content, "metadata": placed}, namespace)
