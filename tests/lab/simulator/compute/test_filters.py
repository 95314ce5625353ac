"""List filters as gcloud and the provider send them."""

from __future__ import annotations

import pytest

from lab.simulator.errors import ApiError
from lab.simulator.services.compute.filters import compiled, page

M1 = {
    "name": "m1",
    "status": "RUNNING",
    "zone": "https://h/v1/projects/p/zones/z-b",
    "labels": {"a": "b"},
    "sizeGb": "10",
}
M2 = {"name": "m2", "status": "TERMINATED", "zone": "https://h/v1/projects/p/zones/z-c", "sizeGb": "200"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (None, ["m1", "m2"]),
        ("name=m1", ["m1"]),
        ('name = "m1"', ["m1"]),
        ("name eq m1", ["m1"]),
        ('name eq ".*(^m1$).*"', ["m1"]),
        ("name ne m1", ["m2"]),
        ("name!=m1", ["m2"]),
        ("name=m*", ["m1", "m2"]),
        ("(name=m1) OR (name=m2)", ["m1", "m2"]),
        ('(name = "m1") AND (status = RUNNING)', ["m1"]),
        ("(name=m1)(status=TERMINATED)", []),
        ("NOT name=m1", ["m2"]),
        ("labels.a=b", ["m1"]),
        ("labels.a:*", ["m1"]),
        ("name:m2", ["m2"]),
        ("sizeGb>50", ["m2"]),
        ('zone="https://other/compute/v1/projects/p/zones/z-b"', ["m1"]),
        ("zone eq .*z-c", ["m2"]),
    ],
)
def test_filters(text: str | None, names: list[str]) -> None:
    assert [i["name"] for i in (M1, M2) if compiled(text)(i)] == names


@pytest.mark.parametrize("text", ["name", "name=", "(name=m1", "name eq ("])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ApiError, match="filter"):
        compiled(text)


def test_pages() -> None:
    first, token = page([M1, M2], {"maxResults": 1})
    rest, end = page([M1, M2], {"maxResults": 1, "pageToken": token})
    assert (first, rest, end) == ([M1], [M2], None)
