"""The recorded session of the blog's story: what it asks for is config of this program, and it shows what was promised.

`make story` writes it anew.
"""

from __future__ import annotations

import re

import pytest
import yaml

from components.config import StackConfig, parse
from tests.docs.documents import ROOT

SESSION = (ROOT / "docs/sessions/blog.txt").read_text()
EDITS = re.findall(r"(?:^#   .+\n)+", SESSION, re.MULTILINE)
PROMPT = "$ "


def said(command: str) -> list[list[str]]:
    """What this command said, each time that it was typed, in lines."""
    found, typed = list[list[str]](), ""
    for line in SESSION.splitlines():
        if line.startswith((PROMPT, "#")) or not line:
            typed = line.removeprefix(PROMPT)
            if typed == command:
                found.append([])
        elif typed == command:
            found[-1].append(line)
    return found


def asked(edit: str) -> StackConfig:
    document = yaml.safe_load(re.sub(r"^#   ", "", edit, flags=re.MULTILINE))
    keys = {key.removeprefix("ha-masters:"): value for key, value in document.items()}
    return parse({"clusterName": "dev", **keys}, region="europe-west1", project="my-project")


@pytest.mark.parametrize("edit", EDITS)
def test_what_was_asked_for_is_config(edit: str) -> None:
    assert asked(edit).replicas


def test_masters_and_workers_come_and_go_as_in_the_blog() -> None:
    counted = [
        (len(config.replicas), sum(pool.size * len(pool.zones) for pool in config.pools))
        for config in map(asked, EDITS)
    ]
    assert counted == [(1, 3), (1, 9), (3, 9), (1, 9), (1, 3)]


def test_twelve_nodes_are_listed_and_four_at_last() -> None:
    listed = said("kubectl get nodes")
    assert [len(nodes) - 1 for nodes in listed] == [12, 12, 12, 4]
    assert [sum("NotReady" in node for node in nodes) for nodes in listed] == [0, 1, 0, 0]


@pytest.mark.parametrize("visitor", ["test-a", "test-b", "test-c", "test-d"])
def test_nginx_answers(visitor: str) -> None:
    [page] = said(f"kubectl logs {visitor}")
    assert "<title>Welcome to nginx!</title>" in page
