"""What an archive of images holds."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

from tests.conformance.images import Image, Layer, write


def test_a_layer_of_two_images_is_written_once(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("runs")
    program.chmod(0o755)
    shared = Layer(
        files={"/usr/local/bin/program": program},
        links={"/bin/other": "/usr/local/bin/program"},
        modes={"/usr/local/bin/program": 0o4755},
    )
    own = Layer(texts={"/etc/page": "here"})
    target = tmp_path / "images.tar"
    write(
        [
            Image(("example/one:1", "example/one:2"), (shared,), ("/bin/other",), user="1234"),
            Image(("example/two:1",), (shared, own), command=("sh",)),
        ],
        target,
    )
    with tarfile.open(target) as tar:
        one, two = json.loads(_read(tar, "manifest.json"))
        assert one["RepoTags"] == ["example/one:1", "example/one:2"]
        assert two["Layers"][:1] == one["Layers"]
        assert len([name for name in tar.getnames() if name.endswith(".tar")]) == 2
        config = json.loads(_read(tar, one["Config"]))["config"]
        assert (config["Entrypoint"], config["Cmd"], config["User"]) == (["/bin/other"], [], "1234")
        with tarfile.open(fileobj=io.BytesIO(_read(tar, one["Layers"][0]))) as layer:
            assert layer.getnames()[:2] == ["bin", "tmp"]
            assert layer.getmember("tmp").mode == 0o1777
            assert layer.getmember("usr/local/bin/program").mode == 0o4755
            assert layer.getmember("bin/other").linkname == "/usr/local/bin/program"
        with tarfile.open(fileobj=io.BytesIO(_read(tar, two["Layers"][1]))) as layer:
            assert _read(layer, "etc/page") == b"here"


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    assert file is not None
    return file.read()
