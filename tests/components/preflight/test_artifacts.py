"""Whether what machines fetch is there, asked of a mirror and a registry on this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from components.config import ArtifactsSpec, FileSpec, ImageSpec, StackConfig
from components.preflight.artifacts import lines, wanted
from tests.admin.pin.publisher import Answer, Publisher, digest, index
from tests.components.preflight.projects import stack, through

KUBELET, MANIFEST = b"a kubelet", index("etcd")
IMAGE = f"/v2/etcd/manifests/{digest(MANIFEST)}"


@pytest.fixture
def mirror() -> Iterator[Publisher]:
    with Publisher({"/kubelet": Answer(KUBELET), IMAGE: Answer(MANIFEST)}) as publisher:
        yield publisher


def config(mirror: str, *, etcd: str = digest(MANIFEST)) -> StackConfig:
    spec = ArtifactsSpec(
        mirror=mirror,
        kubelet=FileSpec("kubelet", hashlib.sha256(KUBELET).hexdigest()),
        images=(ImageSpec("etcd", f"{mirror.partition('://')[2]}/etcd:3.6.7-0@{etcd}"),),
    )
    return replace(stack(1), artifacts=spec)


def test_what_is_there_with_its_digest_is_well(mirror: Publisher) -> None:
    told: list[str] = []
    (line,) = lines(config(mirror.url), through(), told.append)
    assert (line.verdict, line.text) == ("ok", "2 artifacts are there, each with its digest.")
    assert told == [f"1 of 2: kubelet, {mirror.url}/kubelet", f"2 of 2: etcd, {mirror.url}{IMAGE}"]


@pytest.mark.parametrize(
    ("path", "answer", "verdict", "says"),
    [
        pytest.param(
            "/kubelet", Answer(b"another"), "stop", "Find out which of the two is right", id="other bytes"
        ),
        pytest.param(
            IMAGE, Answer(index("pause")), "stop", "Find out which of the two is right", id="other image"
        ),
        pytest.param("/kubelet", Answer(status=404), "stop", "isn't there (404)", id="missing"),
        pytest.param(IMAGE, Answer(status=401), "stop", "fetch without credentials", id="private"),
        pytest.param("/kubelet", Answer(status=503), "unknown", "Try again later", id="ill"),
    ],
)
def test_what_a_machine_would_stop_at_is_said(
    mirror: Publisher, path: str, answer: Answer, verdict: str, says: str
) -> None:
    mirror.answers[path] = answer
    (line,) = lines(config(mirror.url), through(), lambda _text: None)
    assert (line.verdict, says in line.text) == (verdict, True), line


def test_where_nobody_answers_it_is_unknown() -> None:
    found = lines(config("http://127.0.0.1:1"), through(), lambda _text: None)
    assert [line.verdict for line in found] == ["unknown", "unknown"]


def test_an_image_that_holds_all_needs_nothing() -> None:
    (line,) = lines(replace(stack(1), artifacts=None), through(), lambda _text: None)
    assert line.verdict == "ok"


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        pytest.param(
            "registry.k8s.io/coredns/coredns:v1", "https://registry.k8s.io/v2/coredns/coredns", id="named"
        ),
        pytest.param("example.com:5000/etcd", "https://example.com:5000/v2/etcd", id="with a port"),
        pytest.param("bitnami/etcd:3", "https://registry-1.docker.io/v2/bitnami/etcd", id="on Docker's"),
        pytest.param("etcd", "https://registry-1.docker.io/v2/library/etcd", id="Docker's own"),
    ],
)
def test_where_an_image_is_looked_for(reference: str, url: str) -> None:
    spec = config("https://mirror.example.com")
    assert spec.artifacts
    named = replace(spec.artifacts, images=(ImageSpec("etcd", f"{reference}@{digest(MANIFEST)}"),))
    asked = wanted(replace(spec, artifacts=named), through())[-1]
    assert asked.url == f"{url}/manifests/{digest(MANIFEST)}"


def test_a_mirror_in_cloud_storage_is_read_by_its_api() -> None:
    spec = config("https://mirror.example.com")
    assert spec.artifacts
    stored = replace(spec, artifacts=replace(spec.artifacts, mirror="gs://mirror/releases"))
    assert wanted(stored, through())[0].url.endswith("b/mirror/o/releases%2Fkubelet?alt=media")
