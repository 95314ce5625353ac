"""docs/contributing.md: each recipe is followed for its example, file by file."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise

import pytest

from tests.docs.documents import ROOT, code, rows, section, sections, tracked

TEXT = (ROOT / "docs/contributing.md").read_text()
COMMANDS = re.findall(r"^\$ (.+?)(?:  +#.*)?$", TEXT, re.MULTILINE)
PYTEST = [shlex.split(line)[3:] for line in COMMANDS if line.startswith(".venv/bin/python -m pytest ")]


@dataclass(frozen=True)
class Step:
    paths: tuple[str, ...]
    write: str
    example: str

    @property
    def files(self) -> list[str]:
        """`*` in a path stands for anything."""
        return sorted(each for each in tracked() if any(fnmatchcase(each, path) for path in self.paths))


@dataclass(frozen=True)
class Recipe:
    title: str
    command: str
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, title: str) -> Recipe:
        text = section(TEXT, title)
        [command] = re.findall(r"^\$ (git grep .+)$", text, re.MULTILINE)
        steps = (Step(tuple(code(paths)), write, code(example)[0]) for paths, write, example in rows(text))
        return cls(title, command, tuple(steps))


RECIPES = [Recipe.of(title) for title in sections(TEXT) if title.startswith("A ")]
STEPS = [
    pytest.param(step, id=f"{recipe.title}: {', '.join(step.paths)}")
    for recipe in RECIPES
    for step in recipe.steps
]


def flattened(text: str) -> str:
    """As one line, so that what a formatter or an editor broke is found too."""
    return " ".join(text.split())


def test_there_are_seven() -> None:
    assert [recipe.title.removeprefix("A ") for recipe in RECIPES] == [
        "setting",
        "bucket object",
        "metadata attribute",
        "gate",
        "policy rule",
        "component",
        "simulated resource",
    ]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_names_files_and_says_what_to_write(step: Step) -> None:
    assert all(any(fnmatchcase(each, path) for each in tracked()) for path in step.paths)
    assert step.write


@pytest.mark.parametrize("step", STEPS)
def test_the_example_has_the_step(step: Step) -> None:
    lacking = [file for file in step.files if step.example not in flattened((ROOT / file).read_text())]
    assert lacking == []


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_no_file_of_the_example_is_missing_in_the_recipe(recipe: Recipe) -> None:
    found = subprocess.run(shlex.split(recipe.command), cwd=ROOT, check=True, capture_output=True, text=True)
    assert set(found.stdout.splitlines()) - {file for step in recipe.steps for file in step.files} == set()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_no_file_stands_twice_in_a_recipe(recipe: Recipe) -> None:
    files = [file for step in recipe.steps for file in step.files]
    assert len(files) == len(set(files))


def test_a_setting_stands_in_three_places_beside_its_effect_and_its_tests() -> None:
    others = ("tests/", "docs/")
    beside = ("what it does", "if ")
    places = [
        step.paths
        for step in Recipe.of("A setting").steps
        if not step.paths[0].startswith(others) and not step.write.startswith(beside)
    ]
    assert places == [("components/config/backup.py",), ("Pulumi.yaml",), ("Pulumi.gcp-example.yaml",)]


def names_of_tests(path: str) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.parametrize("words", PYTEST, ids=" ".join)
def test_what_pytest_is_told_is_there(words: Sequence[str]) -> None:
    marks = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["markers"]
    options = dict(pairwise(words))
    places = [word for word in words if word.startswith("tests/")]
    assert set(re.findall(r"not (\w+)", options.get("-m", ""))) <= {mark.partition(":")[0] for mark in marks}
    for place in places:
        path, _, test = place.partition("::")
        below = [each for each in tracked() if each == path or each.startswith(f"{path}/")]
        assert below
        assert not test or test in names_of_tests(path)
        assert any(options.get("-k", "") in (ROOT / each).read_text() for each in below)


def test_every_mark_is_explained() -> None:
    marks = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["markers"]
    explained = {code(row[0])[0] for row in rows(section(TEXT, "One test in seconds"))}
    assert explained == {mark.partition(":")[0] for mark in marks}
