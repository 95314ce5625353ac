"""The table of releases: what is in it, what a document may say, and what an operator may add."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from components.config import versions
from components.releases import KubernetesRelease, Releases, ReleasesError, known, shipped
from components.releases.document import read, written
from components.releases.facts import spans

A, B = "a" * 64, "b" * 64
PATCH = KubernetesRelease(
    kubelet={"amd64": A, "arm64": B},
    images=dict.fromkeys(("kube-apiserver", "kube-controller-manager", "kube-scheduler"), f"sha256:{A}"),
    pause="3.10.2",
)
PINNED = Releases(kubernetes={"1.36.99": PATCH}, etcd={"3.6.99-0": f"sha256:{B}"})


def test_the_defaults_are_in_the_table() -> None:
    assert versions.KUBERNETES_DEFAULT in shipped().kubernetes
    assert shipped().etcd_tag(versions.ETCD_DEFAULT)


def test_every_minor_that_is_supported_is_in_the_table_and_no_other() -> None:
    """But for 1.37, of whose kubelet nothing that could be read tells the sum: `python -m admin pin` asks for it."""
    minors = {int(version.split(".")[1]) for version in shipped().kubernetes}
    assert minors == set(versions.KUBERNETES_MINORS) - {37}
    assert {version.rpartition(".")[0] for version in shipped().etcd_versions} == {"3.6", "3.7"}


def test_every_release_names_a_pause_that_is_there() -> None:
    assert {each.pause for each in shipped().kubernetes.values()} <= shipped().pause.keys()


def test_no_digest_stands_twice() -> None:
    """Two entries that agree would be a slip of the hand."""
    found = [
        digest
        for each in shipped().kubernetes.values()
        for digest in (*each.kubelet.values(), *each.images.values())
    ]
    for images in (shipped().etcd, shipped().pause, shipped().coredns, shipped().kube_proxy):
        found += images.values()
    for programs in (shipped().containerd, shipped().runc, shipped().cni_plugins):
        found += [digest for each in programs.values() for digest in each.values()]
    assert len(found) == len(set(found)) > 200


def test_the_newest_build_of_an_etcd_is_taken() -> None:
    assert (shipped().etcd_tag("3.6.1"), shipped().etcd_tag("3.6.99")) == ("3.6.1-1", "")


def of_proxies(*tags: str) -> Releases:
    return Releases(kube_proxy=dict.fromkeys(tags, f"sha256:{A}"))


@pytest.mark.parametrize(
    ("known_tags", "tag"),
    [
        pytest.param(("v1.36.3", "v1.36.2"), "v1.36.3", id="its own"),
        pytest.param(
            ("v1.36.10", "v1.36.2", "v1.35.9"), "v1.36.2", id="an older patch, for a newer one may not be"
        ),
        pytest.param(("v1.37.0", "v1.33.0"), "v1.33.0", id="three minors older"),
        pytest.param(("v1.37.0", "v1.32.9"), "", id="none that goes with it"),
    ],
)
def test_a_kube_proxy_is_as_new_as_its_apiserver_or_older(known_tags: tuple[str, ...], tag: str) -> None:
    assert of_proxies(*known_tags).kube_proxy_tag("1.36.3") == tag


def test_every_release_has_a_kube_proxy_and_there_is_a_dns() -> None:
    assert all(shipped().kube_proxy_tag(version) for version in shipped().kubernetes)
    assert shipped().coredns_tag == "v1.14.2"


@pytest.mark.parametrize("releases", [shipped(), PINNED], ids=["shipped", "pinned"])
def test_what_is_written_is_read_the_same(releases: Releases) -> None:
    assert read(written(releases), "a document") == releases


KUBELET = f"kubelet: {{amd64: '{A}', arm64: '{B}'}}"
IMAGES = f"images: {{kube-apiserver: 'sha256:{A}', kube-controller-manager: 'sha256:{A}', kube-scheduler: 'sha256:{A}'}}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("a: [", "x.yaml is no YAML (", id="no YAML"),
        pytest.param("[]", "x.yaml: [] is no object", id="a list"),
        pytest.param(
            "etcdd: {}", "x.yaml: 'etcdd' is not known here; known are kubernetes, etcd,", id="a slip"
        ),
        pytest.param("etcd: {3.6.8: x}", "x.yaml: etcd: '3.6.8' is no version", id="no build"),
        pytest.param(
            "etcd: {3.6.8-0: 0123}",
            "x.yaml: etcd.3.6.8-0: 83 is not sha256: and 64 hex digits",
            id="no digest",
        ),
        pytest.param(
            f"kubernetes: {{1.36.99: {{{KUBELET}, images: {{kube-apiserver: 'sha256:{A}'}}, pause: 3.10.2}}}}",
            "lacks kube-controller-manager, kube-scheduler",
            id="an image is missing",
        ),
        pytest.param(
            f"kubernetes: {{1.36.99: {{kubelet: {{amd64: '{A}'}}, {IMAGES}, pause: 3.10.2}}}}",
            "lacks arm64",
            id="an architecture is missing",
        ),
        pytest.param(
            f"kubernetes: {{1.36.99: {{{KUBELET}, {IMAGES}}}}}",
            "kubernetes.1.36.99.pause: None is not a tag",
            id="no pause",
        ),
    ],
)
def test_a_document_that_is_none(text: str, says: str) -> None:
    with pytest.raises(ReleasesError) as refused:
        read(text, "x.yaml")
    assert says in str(refused.value)
    assert str(refused.value).endswith("Take it out, and run `python -m admin pin` for what it was to say.")


def pin(folder: Path, releases: Releases) -> None:
    (folder / "pins").mkdir()
    (folder / "pins" / "mine.yaml").write_text(written(releases))


def test_what_is_pinned_is_known(tmp_path: Path) -> None:
    pin(tmp_path, PINNED)
    assert known(tmp_path).kubernetes == {**shipped().kubernetes, "1.36.99": PATCH}


def test_a_pin_may_say_what_the_next_release_of_the_program_ships(tmp_path: Path) -> None:
    pin(tmp_path, Releases(kubernetes={"1.36.3": shipped().kubernetes["1.36.3"]}))
    assert known(tmp_path) == shipped()


def test_a_pin_keeps_the_pause_that_it_chose(tmp_path: Path) -> None:
    """Masters stand with it when the program learns of the same patch, with a later pause."""
    chosen = replace(shipped().kubernetes["1.36.3"], pause="3.10.1")
    pin(tmp_path, Releases(kubernetes={"1.36.3": chosen}))
    assert known(tmp_path).kubernetes["1.36.3"].pause == "3.10.1"


def test_a_pin_that_says_something_else_is_refused(tmp_path: Path) -> None:
    pin(
        tmp_path,
        Releases(kubernetes={"1.36.3": replace(shipped().kubernetes["1.36.3"], kubelet=PATCH.kubelet)}),
    )
    with pytest.raises(
        ReleasesError, match=r"pins/mine\.yaml says something else of kubernetes 1\.36\.3 than"
    ):
        known(tmp_path)


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        pytest.param([], "", id="none"),
        pytest.param(["1.2.3"], "1.2.3", id="one"),
        pytest.param(["1.2.3", "1.2.10", "1.2.4"], "1.2.10 and 1.2.3 to 1.2.4", id="a gap"),
        pytest.param(["1.2.0", "1.3.0", "1.4.0"], "1.4.0, 1.3.0 and 1.2.0", id="minors"),
    ],
)
def test_versions_for_people(versions: list[str], said: str) -> None:
    assert spans(versions) == said
