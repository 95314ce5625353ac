"""The picture of the arrows, made of the import contracts: `python -m tests.docs.arrows` writes it into the document.

An arrow leads to what may be imported. What no contract forbids counts as allowed, so a picture with an arrow too many is a
contract that is missing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from textwrap import wrap
from typing import Any

from tests.docs.documents import ROOT

DOCUMENT = ROOT / "docs/architecture.md"
BEGIN, END = "<!-- arrows -->\n```\n", "```\n<!-- end of arrows -->\n"
WIDTH = 120
GAP = " " * 4

Contract = Mapping[str, Any]
Edges = set[tuple[str, str]]


def picture(settings: Mapping[str, Any]) -> str:
    """`settings` is `tool.importlinter` of pyproject.toml."""
    packages, contracts = settings["root_packages"], settings["contracts"]
    layers = [each for each in contracts if each["type"] == "layers"]
    rooms = [each for each in layers if not _of_packages(each, packages)]
    finer = [each for each in contracts if each["type"] == "forbidden" and not _is_whole(each, packages)]
    parts = [
        "An arrow leads to what may be imported:",
        "",
        *_indented(_chains(packages, _allowed(packages, contracts))),
        "",
        "Within a package: each line may import the lines below it; what shares a line doesn't know of each other.",
        "",
        *_beside([_stack(each) for each in rooms]),
        "And never:",
        *_indented(line for each in finer for line in _never(each)),
    ]
    return "\n".join(line.rstrip() for line in parts) + "\n"


def _allowed(packages: Sequence[str], contracts: Sequence[Contract]) -> Edges:
    refused: Edges = set()
    for contract in contracts:
        if contract["type"] == "forbidden":
            refused |= {(a, b) for a in contract["source_modules"] for b in contract["forbidden_modules"]}
        elif _of_packages(contract, packages):
            order = contract["layers"]
            refused |= {(lower, upper) for at, upper in enumerate(order) for lower in order[at + 1 :]}
    return set(permutations(packages, 2)) - refused


def _chains(packages: Sequence[str], edges: Edges) -> Iterator[str]:
    """Each way from a package that nobody imports to one that imports none; arrows that follow from others are left out.

    Two packages that may import each other, which a contract should forbid, have a line of their own.
    """
    both = {(a, b) for a, b in edges if (b, a) in edges}
    oneway = edges - both
    direct = {
        (a, b) for a, b in oneway if not any((a, via) in oneway and (via, b) in oneway for via in packages)
    }

    def ways(package: str, before: tuple[str, ...] = ()) -> Iterator[str]:
        onward = sorted(b for a, b in direct if a == package and b not in before)
        if not onward:
            yield package
        for each in onward:
            yield from (f"{package} ─► {rest}" for rest in ways(each, (*before, package)))

    for package in packages:
        if not any(b == package for _, b in oneway):
            yield from ways(package)
    yield from (f"{a} ◄─► {b}" for a, b in sorted(both) if a < b)


def _stack(contract: Contract) -> list[str]:
    """A package's name above its layers."""
    layers = contract["layers"]
    package = (contract.get("containers") or [layers[0].rpartition(".")[0]])[0]
    names = [each.removeprefix(f"{package}.").replace("|", "·") for each in layers]
    return [f"{package} ▼", *_indented(names)]


def _beside(stacks: Sequence[list[str]]) -> Iterator[str]:
    """Stacks beside each other, as many as a line takes."""
    rows: list[list[list[str]]] = [[]]
    for stack in stacks:
        if rows[-1] and sum(_width(each) + len(GAP) for each in [*rows[-1], stack]) > WIDTH:
            rows.append([])
        rows[-1].append(stack)
    for row in rows:
        for at in range(max(map(len, row), default=0)):
            yield GAP.join((stack[at] if at < len(stack) else "").ljust(_width(stack)) for stack in row)
        yield ""


def _width(stack: Sequence[str]) -> int:
    return max(map(len, stack))


def _never(contract: Contract) -> Iterator[str]:
    yield f"{contract['name']}:"
    who, whom = _together(contract["source_modules"]), _together(contract["forbidden_modules"])
    yield from wrap(f"{who} ─╳─► {whom}", WIDTH, initial_indent="  ", subsequent_indent="      ")


def _together(modules: Iterable[str]) -> str:
    """`node.agent`, `node.host` → `node.{agent, host}`."""
    by_package: dict[str, list[str]] = {}
    for module in modules:
        package, _, rest = module.partition(".")
        by_package.setdefault(package, []).append(rest)
    return ", ".join(
        f"{package}.{{{', '.join(rest)}}}" if len(rest) > 1 else f"{package}.{rest[0]}".rstrip(".")
        for package, rest in by_package.items()
    )


def _of_packages(contract: Contract, packages: Sequence[str]) -> bool:
    return contract["type"] == "layers" and set(contract["layers"]) <= set(packages)


def _is_whole(contract: Contract, packages: Sequence[str]) -> bool:
    """Whether it speaks of whole packages only, which the chains show."""
    return {*contract["source_modules"], *contract["forbidden_modules"]} <= set(packages)


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def of_this_repository() -> str:
    return picture(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"])


if __name__ == "__main__":
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}{of_this_repository()}{END}{rest.partition(END)[2]}")
