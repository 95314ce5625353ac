"""A file or a module that a document or a package's docstring names is there."""

from __future__ import annotations

import ast
import re
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import pytest

from tests.docs.documents import DOCUMENTS, ROOT, tracked, words

FOLDERS = frozenset(path.partition("/")[0] for path in tracked() if "/" in path)
SOURCES = (".py", ".sh", ".toml", ".yaml", ".yml", "Makefile")
PATH = rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, sorted(FOLDERS)))})/[\w/.-]+\.(?:json|md|py|sh|yaml|yml)\b"
PACKAGES = sorted(
    path for path in tracked() if path.endswith("/__init__.py") and not path.startswith("tests/")
)


def looks_like_a_path(word: str) -> bool:
    """A path that begins with a folder of the repository's root, or the bare name of a source or a workflow."""
    first, slash, _ = word.partition("/")
    return (bool(slash) and first in FOLDERS) or re.fullmatch(r"\w+\.(py|sh|yml|toml|lock)", word) is not None


def looks_like_a_module(word: str) -> bool:
    return re.fullmatch(r"\w+(\.\w+)+", word) is not None and word.partition(".")[0] in FOLDERS


def is_there(path: str) -> bool:
    """`<name>` and `*` stand for anything; a bare name may lie in any folder."""
    pattern = re.sub(r"<\w+>", "*", path).rstrip("/")
    if "/" not in pattern:
        return pattern in {PurePosixPath(each).name for each in tracked()}
    return any(fnmatchcase(each, pattern) or each.startswith(f"{pattern}/") for each in tracked())


def module_is_there(name: str) -> bool:
    """A package, a module, or what a module defines or imports by that name."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        path, rest = "/".join(parts[:length]), parts[length:]
        for source in (f"{path}.py", f"{path}/__init__.py"):
            if source in tracked():
                return not rest or rest[0] in defined(ROOT / source)
    return False


def defined(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(source.read_text()).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Import(names=imported) | ast.ImportFrom(names=imported):
                names |= {each.asname or each.name for each in imported}
            case ast.Assign() | ast.AnnAssign():
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names |= {each.id for each in targets if isinstance(each, ast.Name)}
    return names


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_is_there(document: Path) -> None:
    named = set(words(document.read_text()))
    missing = {word for word in named if looks_like_a_path(word) and not is_there(word)}
    missing |= {word for word in named if looks_like_a_module(word) and not module_is_there(word)}
    assert missing == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_what_a_packages_docstring_lists_is_there(package: str) -> None:
    docstring = ast.get_docstring(ast.parse((ROOT / package).read_text())) or ""
    lists = re.findall(r"^((?:\w+(?:\.py|/)(?:, )?)+)(?=  )", docstring, re.MULTILINE)
    listed = {name for line in lists for name in re.findall(r"\w+(?:\.py|/)", line)}
    folder = PurePosixPath(package).parent
    assert {name for name in listed if not is_there(f"{folder}/{name}")} == set()


def test_what_a_source_names_is_there() -> None:
    """In comments, docstrings and messages; the tests of this room name what isn't there on purpose."""
    sources = [path for path in tracked() if path.endswith(SOURCES) and not path.startswith("tests/docs/")]
    missing = {
        f"{source}: {path}"
        for source in sources
        for path in re.findall(PATH, (ROOT / source).read_text())
        if not is_there(path)
    }
    assert missing == set()


@pytest.mark.parametrize(
    ("word", "speaks"),
    [
        pytest.param("node/loop.py", "path", id="a moved file"),
        pytest.param("lab/simulator/machines", "path", id="a folder that never was"),
        pytest.param("known_state.py", "path", id="a bare name that is gone"),
        pytest.param("components.gates.observed", "module", id="a module that is gone"),
        pytest.param("components.gates.checks.JUDGES", "module", id="a name that its module lacks"),
        pytest.param("components.gates.resources.GateProvider", "", id="a class"),
        pytest.param("desired/members.json", "", id="an object of the bucket"),
        pytest.param("/opt/ha-masters/bin/kubelet", "", id="a machine's file"),
        pytest.param("roles/viewer", "", id="a role of Google's"),
    ],
)
def test_what_counts_as_missing(word: str, speaks: str) -> None:
    path = "path" if looks_like_a_path(word) and not is_there(word) else ""
    assert (path or ("module" if looks_like_a_module(word) and not module_is_there(word) else "")) == speaks
