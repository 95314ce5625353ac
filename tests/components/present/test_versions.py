"""What running versions and the APIs in use mean for an update."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.present.facts import Present, Unseen
from components.present.findings import tell
from components.present.versions import later_data
from node.contract.status import DeprecatedApi, Versions
from tests.components.present.masters import master, three

LIST = ("m1-b", "m2-c", "m3-d")
FLOWS = DeprecatedApi("flowschemas", "flowcontrol.apiserver.k8s.io/v1beta3", "1.37", 3)


def of(data: str, age: float = 4) -> Present:
    versions = Versions(etcd="3.7.0", etcd_data=data)
    return three(m2=master("m2-c", age=age, versions=versions))


@pytest.mark.parametrize(
    ("now", "wanted", "later"),
    [
        pytest.param(of("3.6"), "3.6.13", "", id="some run 3.7, the data are of 3.6"),
        pytest.param(of("3.7"), "3.6.13", "3.7", id="all ran 3.7 once"),
        pytest.param(of("3.7", age=900), "3.6.13", "3.7", id="by an old report"),
        pytest.param(of("3.7"), "3.7.1", "", id="a patch of the same minor"),
        pytest.param(three(), "3.6.13", "", id="nobody says"),
        pytest.param(Unseen("403"), "3.6.13", "", id="the bucket can't be read"),
        pytest.param(None, "3.6.13", "", id="no cluster yet"),
    ],
)
def test_an_etcd_is_not_put_on_data_of_a_later_minor(
    now: Present | Unseen | None, wanted: str, later: str
) -> None:
    assert later_data(now, wanted) == later


@pytest.mark.parametrize(
    ("found", "asked", "says"),
    [
        pytest.param(FLOWS, "1.37.2", "which has 3 objects, is asked for", id="not served by what is asked for"),
        pytest.param(replace(FLOWS, objects=-1), "1.37.2", "v1beta3 is asked for", id="nobody counted"),
        pytest.param(FLOWS, "1.36.3", "", id="served as long as nothing else is asked for"),
        pytest.param(replace(FLOWS, removed="1.38"), "1.37.2", "", id="served by that too"),
    ],
)  # fmt: skip
def test_an_api_in_use_that_the_asked_version_does_not_serve_is_told(
    found: DeprecatedApi, asked: str, says: str
) -> None:
    told = tell(three(m3=master("m3-d", deprecated=(found,))), LIST, "dev", 3600, asked)
    assert any(says in each for each in told.findings) if says else told.findings == ()
