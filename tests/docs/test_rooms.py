"""A package whose docstring lists its modules lists all of them: it is the first that a newcomer opens."""

from __future__ import annotations

import ast
import re
from pathlib import Path, PurePosixPath

import pytest

from tests.docs.documents import ROOT, tracked

_LISTED = re.compile(r"^([\w./]+(?:, [\w./]+)*)  +\S", re.MULTILINE)


def listed(package: str) -> set[str]:
    """Names before a gap of two spaces, as `web.py, rest.py  …`; a folder's without its slash."""
    text = ast.get_docstring(ast.parse((ROOT / package).read_text())) or ""
    return {name.rstrip("/") for names in _LISTED.findall(text) for name in names.split(", ")}


def there(package: str) -> set[str]:
    folder = PurePosixPath(package).parent
    below = {PurePosixPath(each).relative_to(folder) for each in tracked() if each.startswith(f"{folder}/")}
    modules = {str(each) for each in below if len(each.parts) == 1 and each.suffix == ".py"}
    rooms = {each.parts[0] for each in below if len(each.parts) == 2 and each.name == "__init__.py"}
    return (modules | rooms) - {"__init__.py", "__main__.py"}


ROOMS = sorted(
    path
    for path in tracked()
    if Path(path).name == "__init__.py"
    and path.startswith(("admin/", "components/", "lab/", "node/"))
    and not path.startswith("lab/toolchain/")  # What is built there is keyed by the text of these files.
    and any(name.endswith(".py") for name in listed(path))
)


@pytest.mark.parametrize("package", ROOMS)
def test_a_room_lists_its_modules(package: str) -> None:
    assert there(package) - listed(package) == set()
