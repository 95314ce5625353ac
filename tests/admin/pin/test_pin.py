"""`python -m admin pin` against publishers on this machine: what it writes, and when it writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin.pin import command
from components.releases import known, shipped
from tests.admin.pin.publisher import Answer, Publisher, digest, index

VERSION, ETCD = "1.36.99", "3.6.99"
KUBELET = f"/release/v{VERSION}/bin/linux/amd64/kubelet"
APISERVER = f"/v2/k8s-artifacts-prod/images/kube-apiserver/manifests/v{VERSION}"


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        running.kubernetes(VERSION)
        running.image("etcd", f"{ETCD}-0")
        yield running


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program's folder, and a PATH without cosign."""
    (tmp_path / "Pulumi.yaml").touch()
    (tmp_path / "bin").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path


def pin(publisher: Publisher, *arguments: str) -> int:
    return command.main([*arguments, "--files", publisher.url, "--registry", publisher.url])


def pins(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("pins/*"))


def test_a_pinned_release_is_known(publisher: Publisher, folder: Path) -> None:
    assert pin(publisher, VERSION) == 0
    release = known(folder).kubernetes[VERSION]
    assert release.kubelet == {
        architecture: hashlib.sha256(f"kubelet of {VERSION} for {architecture}".encode()).hexdigest()
        for architecture in ("amd64", "arm64")
    }
    assert release.images["kube-apiserver"] == digest(index(f"kube-apiserver:v{VERSION}"))
    assert release.pause in shipped().pause
    assert known(folder).kube_proxy[f"v{VERSION}"] == digest(index(f"kube-proxy:v{VERSION}"))


def test_of_a_release_that_is_known_without_its_kube_proxy_that_alone_is_pinned(
    publisher: Publisher, folder: Path
) -> None:
    pin(publisher, VERSION)
    file = folder / "pins" / f"{VERSION}.yaml"
    file.write_text(file.read_text().partition("kube-proxy:\n")[0])
    assert pin(publisher, VERSION) == 0
    assert pins(folder) == [f"{VERSION}.yaml", f"kube-proxy-v{VERSION}.yaml"]
    assert f"v{VERSION}" in known(folder).kube_proxy


def test_it_says_what_is_to_be_done_with_it(publisher: Publisher, capsys: pytest.CaptureFixture[str]) -> None:
    pin(publisher, VERSION, "--etcd", ETCD)
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "Signatures were not checked: there is no cosign on the PATH; install it "
        "(https://docs.sigstore.dev/cosign/system_config/installation/) and run this again.",
        "pins/1.36.99-etcd-3.6.99-0.yaml is written. Review and commit it; then set kubernetesVersion: 1.36.99 and "
        "etcd.version: 3.6.99 in the stack's config.",
    ]


def test_of_an_etcd_the_last_build_is_pinned(publisher: Publisher, folder: Path) -> None:
    publisher.image("etcd", f"{ETCD}-1")
    assert pin(publisher, "--etcd", ETCD) == 0
    assert known(folder).etcd_tag(ETCD) == f"{ETCD}-1"
    assert pins(folder) == ["etcd-3.6.99-1.yaml"]


def test_the_endpoints_may_come_from_the_environment(
    publisher: Publisher, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(command.FILES_VARIABLE, publisher.url)
    monkeypatch.setenv(command.REGISTRY_VARIABLE, f"{publisher.url}/")
    assert command.main([VERSION]) == 0
    assert pins(folder) == ["1.36.99.yaml"]


def test_of_a_release_that_is_known_it_says_that_what_is_published_agrees(
    publisher: Publisher, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin(publisher, VERSION)
    before = (folder / "pins/1.36.99.yaml").read_bytes()
    assert pin(publisher, VERSION) == 0
    assert "what is published agrees. Nothing was written." in capsys.readouterr().out
    assert (folder / "pins/1.36.99.yaml").read_bytes() == before


def test_a_known_release_that_is_published_otherwise_is_an_alarm(
    publisher: Publisher, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher.kubernetes("1.36.3")
    assert pin(publisher, "1.36.3") == 1
    assert "What is published differs from what is known of kubernetes 1.36.3." in capsys.readouterr().err
    assert pins(folder) == []


@pytest.mark.parametrize(
    ("path", "answer", "says"),
    [
        pytest.param(
            f"{KUBELET}.sha256", Answer(status=404), "Is there such a release?", id="no such release"
        ),
        pytest.param(
            f"{KUBELET}.sha256", Answer(b"<html>"), "holds no SHA-256 but '<html>'.", id="a portal's page"
        ),
        pytest.param(
            f"/cdn{KUBELET}", Answer(b"another"), "and the sum published beside it is", id="another kubelet"
        ),
        pytest.param(f"/cdn{KUBELET}", Answer(b"cut off", cut=3), "can't be read (", id="a kubelet cut off"),
        pytest.param(
            KUBELET,
            Answer(to="http://mirror.example/", status=302),
            "http://mirror.example/ is not https://, so anybody on the way",
            id="away from HTTPS",
        ),
        pytest.param(
            KUBELET, Answer(to=KUBELET, status=302), "leads elsewhere 5 times.", id="round and round"
        ),
        pytest.param(
            KUBELET, Answer(to="http://127.0.0.1:1/", status=302), "can't be read (", id="nobody answers"
        ),
        pytest.param(APISERVER, Answer(status=401), "wants to know who asks (401)", id="a token is wanted"),
        pytest.param(APISERVER, Answer(status=503), "answered 503. Try again later", id="overloaded"),
        pytest.param(
            APISERVER,
            Answer(index("x"), claimed=f"sha256:{'0' * 64}"),
            f"says that it is sha256:{'0' * 64}, and what it sent is {digest(index('x'))}.",
            id="a digest that isn't its body's",
        ),
        pytest.param(
            APISERVER, Answer(b"<html>"), "is no image: b'<html>'.", id="a page instead of an index"
        ),
        pytest.param(APISERVER, Answer(b"{}"), "is an image for one architecture", id="no index"),
        pytest.param(APISERVER, Answer(index("x", ("amd64",))), "has no image for arm64.", id="no arm64"),
        pytest.param(APISERVER, Answer(b" " * (5 << 20)), "sent more than 4 MiB", id="too much"),
    ],
)
def test_what_does_not_hold_is_told_and_nothing_is_written(
    publisher: Publisher,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    path: str,
    answer: Answer,
    says: str,
) -> None:
    publisher.answers[path] = answer
    assert pin(publisher, VERSION) == 1
    said = capsys.readouterr().err
    assert says in said
    assert said.endswith("\nNothing was written.\n")
    assert pins(folder) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(
            ["1.38.0"],
            "the version: '1.38.0' is not supported. Choose a release of 1.34 to 1.37",
            id="too new",
        ),
        pytest.param(["v1.36.4"], "the version: 'v1.36.4' is not a version.", id="with a v"),
        pytest.param(["--etcd", "3.5.1"], "--etcd: '3.5.1' is not supported.", id="an etcd of before"),
        pytest.param(
            ["1.36.4", "--files", "http://mirror.example"],
            "http://mirror.example is not https://, so anybody on the way may have written what it says.",
            id="no TLS",
        ),
    ],
)
def test_a_wrong_word_is_refused(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(arguments) == 1
    assert says in capsys.readouterr().err


def test_elsewhere_than_in_the_programs_folder_it_says_where(
    publisher: Publisher, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "Pulumi.yaml").unlink()
    assert pin(publisher, VERSION) == 1
    assert "Run this in the program's folder, where the stack's files are." in capsys.readouterr().err


def test_an_interruption_leaves_nothing(
    publisher: Publisher, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command.os, "fsync", interrupted)  # In the middle of the writing.
    assert pin(publisher, VERSION) == command.INTERRUPTED
    assert pins(folder) == []


def test_a_draft_of_one_who_was_killed_is_nobodys_pin(publisher: Publisher, folder: Path) -> None:
    (folder / "pins").mkdir()
    (folder / "pins/.1.36.99.yaml.new").write_text("kubernetes: {")
    assert pin(publisher, VERSION) == 0
    assert pins(folder) == ["1.36.99.yaml"]


def cosign(folder: Path, verdict: str) -> None:
    """A cosign that keeps what it was asked, and answers with `verdict`."""
    program = folder / "bin/cosign"
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/cosign-was-asked\n{verdict}\n')
    program.chmod(0o755)


def test_signatures_are_checked_where_cosign_is(publisher: Publisher, folder: Path) -> None:
    cosign(folder, "exit 0")
    for architecture in ("amd64", "arm64"):
        for suffix in (".sig", ".cert"):
            publisher.answers[f"/release/v{VERSION}/bin/linux/{architecture}/kubelet{suffix}"] = Answer(
                b"signed"
            )
    assert pin(publisher, VERSION) == 0
    asked = (folder / "cosign-was-asked").read_text().splitlines()
    assert [line.split()[0] for line in asked] == ["verify-blob"] * 2 + ["verify"] * 4
    assert "krel-staging@k8s-releng-prod.iam.gserviceaccount.com" in asked[0]
    assert f"/kube-apiserver@{digest(index(f'kube-apiserver:v{VERSION}'))} " in asked[2]
    assert "signatures: checked by cosign." in (folder / "pins/1.36.99.yaml").read_text()


def test_a_signature_that_is_not_published_is_told(
    publisher: Publisher, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cosign(folder, "exit 0")
    assert pin(publisher, VERSION) == 0
    assert f"nothing is published as {publisher.url}{KUBELET}.sig." in capsys.readouterr().out
    assert "signatures: not checked." in (folder / "pins/1.36.99.yaml").read_text()


def test_a_bad_signature_ends_it(
    publisher: Publisher, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cosign(folder, 'echo "no matching signatures" >&2; exit 1')
    assert pin(publisher, VERSION) == 1
    assert ": no matching signatures. If a network of yours" in capsys.readouterr().err
    assert pins(folder) == []


def test_who_says_so_pins_without_signatures(publisher: Publisher, folder: Path) -> None:
    cosign(folder, "exit 1")
    assert pin(publisher, VERSION, "--without-signatures") == 0
