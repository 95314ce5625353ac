"""What is read of users' files, and what is refused, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.addons.manifests import Addons, read
from components.config import AddonSpec, ConfigErrors

CONFIG_MAP = "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {a: '1'}}\n"
WIDGETS = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec: {group: example.com, names: {kind: Widget}, scope: Cluster}
"""


def asked(folder: Path, *specs: AddonSpec, **files: str) -> Addons:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return read(specs, folder, "ha-masters")


@pytest.mark.parametrize(
    ("text", "spec", "paths"),
    [
        pytest.param(CONFIG_MAP, {}, ["default/settings"], id="the default namespace"),
        pytest.param(CONFIG_MAP, {"namespace": "web"}, ["web/settings"], id="the add-on's"),
        pytest.param(
            CONFIG_MAP.replace("settings}", "settings, namespace: own}"),
            {"namespace": "web"},
            ["own/settings"],
            id="its own",
        ),
        pytest.param(
            "{apiVersion: v1, kind: Namespace, metadata: {name: web}}",
            {"namespace": "web"},
            ["web"],
            id="a kind without namespaces",
        ),
        pytest.param(
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}",
            {},
            ["default/web"],
            id="of a group",
        ),
        pytest.param(
            "{apiVersion: example.com/v1, kind: Widget, metadata: {name: a}}",
            {"namespace": "web"},
            ["a"],
            id="a kind that nobody here knows stays as it is",
        ),
        pytest.param(
            WIDGETS.replace("Cluster}", "Namespaced}")
            + "---\n{apiVersion: example.com/v1, kind: Widget, metadata: {name: a}}",
            {"namespace": "web"},
            ["widgets.example.com", "web/a"],
            id="a kind that is defined beside it",
        ),
        pytest.param(
            f"{{apiVersion: v1, kind: List, items: [{CONFIG_MAP.strip()}]}}",
            {},
            ["default/settings"],
            id="an item of a list",
        ),
        pytest.param(
            f"---\n# nothing\n---\n{CONFIG_MAP}---\n", {}, ["default/settings"], id="empty documents"
        ),
    ],
)
def test_objects_are_called_by_their_place(
    tmp_path: Path, text: str, spec: dict[str, str], paths: list[str]
) -> None:
    found = asked(tmp_path, AddonSpec("web", "a.yaml", **spec), a=text)
    assert [each.path for each in found.manifests] == paths


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("2026-11-26", "2026-11-26", id="a date is a text"),
        pytest.param("22:22", "22:22", id="a pair of numbers is a text"),
        pytest.param("on", True, id="a flag by its old name"),
        pytest.param("0644", 420, id="octal"),
        pytest.param("0o644", 420, id="octal as it is written now"),
        pytest.param("1.5", 1.5, id="a fraction"),
        pytest.param("100m", "100m", id="a quantity"),
        pytest.param("{80: web}", {"80": "web"}, id="a number as key"),
    ],
)
def test_yaml_is_read_as_kubernetes_does(tmp_path: Path, text: str, value: object) -> None:
    whole = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\nfound: {text}\n"
    [manifest] = asked(tmp_path, AddonSpec("web", "a.yaml"), a=whole).manifests
    assert manifest.content["found"] == value


def test_a_pattern_takes_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    found = asked(
        tmp_path,
        AddonSpec("web", "*.yaml"),
        b=CONFIG_MAP.replace("settings", "second"),
        a=CONFIG_MAP.replace("settings", "first"),
    )
    assert [each.name for each in found.manifests] == ["first", "second"]


def test_who_has_set_the_fields_is_the_same_in_each_update(tmp_path: Path) -> None:
    [manifest] = asked(tmp_path, AddonSpec("web", "a.yaml", wait=False), a=CONFIG_MAP).manifests
    annotations = manifest.content["metadata"]["annotations"]
    assert annotations == {"pulumi.com/patchFieldManager": "ha-masters", "pulumi.com/skipAwait": "true"}


def test_an_edit_of_one_object_is_another_digest(tmp_path: Path) -> None:
    spec = AddonSpec("web", "a.yaml")
    before = asked(tmp_path, spec, a=CONFIG_MAP).digest
    assert asked(tmp_path, spec, a=CONFIG_MAP.replace("'1'", "'2'")).digest != before


REFUSED = [
    pytest.param(
        "",
        AddonSpec("web", "b.yaml"),
        'ha-masters:addons[0].manifests: "b.yaml" is no file here. '
        "Write a path that begins in the folder of the stack's files.",
        id="a missing file",
    ),
    pytest.param(
        "",
        AddonSpec("web", "web/*.yaml"),
        'ha-masters:addons[0].manifests: "web/*.yaml" is no file here. '
        "Write a path that begins in the folder of the stack's files.",
        id="a pattern of nothing",
    ),
    pytest.param(
        "",
        AddonSpec("web", program="web.py"),
        'ha-masters:addons[0].program: "web.py" is no file here. '
        "Write a path that begins in the folder of the stack's files.",
        id="a missing program",
    ),
    pytest.param(
        "# nothing\n",
        AddonSpec("web", "a.yaml"),
        'ha-masters:addons[0].manifests: "a.yaml" has no object in it. Write one, or take the add-on off.',
        id="an empty file",
    ),
    pytest.param(
        "a: [\n",
        AddonSpec("web", "a.yaml"),
        'ha-masters:addons[0].manifests: "a.yaml" has a.yaml, which is no YAML: expected the node content, but found '
        "'<stream end>' in line 2. Mend the file.",
        id="no YAML",
    ),
    pytest.param(
        "kind: ConfigMap\nkind: Secret\n",
        AddonSpec("web", "a.yaml"),
        'ha-masters:addons[0].manifests: "a.yaml" has a.yaml, which is no YAML: the key kind stands there twice '
        "in line 1. Mend the file.",
        id="a key twice",
    ),
    pytest.param(
        "just a text\n",
        AddonSpec("web", "a.yaml"),
        'ha-masters:addons[0].manifests: "a.yaml" has in a.yaml something that is no object. '
        "Write apiVersion, kind and metadata there.",
        id="no object",
    ),
    pytest.param(
        f"{CONFIG_MAP}---\napiVersion: v1\nmetadata: {{name: a}}\n",
        AddonSpec("web", "a.yaml"),
        'ha-masters:addons[0].manifests: "a.yaml" has in a.yaml, document 2 an object without kind. Write its kind.',
        id="no kind",
    ),
    pytest.param(
        "{kind: ConfigMap, metadata: {name: a}}",
        AddonSpec("web", "a.yaml"),
        'ha-masters:addons[0].manifests: "a.yaml" has in a.yaml an object without apiVersion. Write its apiVersion.',
        id="no version",
    ),
    pytest.param(
        "{apiVersion: v1, kind: Pod, metadata: {generateName: a-}}",
        AddonSpec("web", "a.yaml"),
        'ha-masters:addons[0].manifests: "a.yaml" has in a.yaml a Pod without a name. Write its metadata.name, in quotes '
        "if it looks like a number: generateName makes another each time.",
        id="no name",
    ),
    pytest.param(
        "{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {version: 1.5}}}",
        AddonSpec("web", "a.yaml"),
        'ha-masters:addons[0].manifests: "a.yaml" has in a.yaml labels of Pod a that aren\'t texts. '
        "Put the values in quotes.",
        id="a label that is a number",
    ),
    pytest.param(
        f"{CONFIG_MAP}---\n{CONFIG_MAP}",
        AddonSpec("web", "a.yaml"),
        'ha-masters:addons[0].manifests: "a.yaml" has in a.yaml, document 2 the ConfigMap default/settings, which '
        "stands in a.yaml already. Keep one of them.",
        id="one object twice",
    ),
]


@pytest.mark.parametrize(("text", "spec", "says"), REFUSED)
def test_what_cant_be_is_refused(tmp_path: Path, text: str, spec: AddonSpec, says: str) -> None:
    with pytest.raises(ConfigErrors) as refused:
        asked(tmp_path, spec, a=text)
    assert [str(problem) for problem in refused.value.problems] == [says]


def test_one_object_of_two_addons_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match=r"stands in a\.yaml of the add-on web already"):
        asked(tmp_path, AddonSpec("web", "a.yaml"), AddonSpec("again", "b.yaml"), a=CONFIG_MAP, b=CONFIG_MAP)


def test_the_same_name_in_another_namespace_is_another_object(tmp_path: Path) -> None:
    specs = (AddonSpec("one", "a.yaml", namespace="one"), AddonSpec("two", "a.yaml", namespace="two"))
    assert len(asked(tmp_path, *specs, a=CONFIG_MAP).manifests) == 2


def test_a_namespace_that_is_no_text_is_refused(tmp_path: Path) -> None:
    text = CONFIG_MAP.replace("settings}", "settings, namespace: 2024}")
    with pytest.raises(ConfigErrors, match=r"ConfigMap settings whose namespace 2024 is no text") as refused:
        asked(tmp_path, AddonSpec("web", "a.yaml"), a=text)
    assert "in quotes" in str(refused.value)


@pytest.mark.parametrize("value", ["!!timestamp 2026-01-02", "!!binary aGk=", "!!set {a}", "!!pairs [a: 1]"])
def test_what_json_hasnt_got_is_refused_with_its_line(tmp_path: Path, value: str) -> None:
    text = CONFIG_MAP.replace("'1'", f"\n  {value}\n")
    with pytest.raises(ConfigErrors, match=r"the tag !!\w+ makes what JSON hasn't got in line 2"):
        asked(tmp_path, AddonSpec("web", "a.yaml"), a=text)


def test_a_definition_whose_names_are_no_object_is_left_to_the_api(tmp_path: Path) -> None:
    text = WIDGETS.replace("{kind: Widget}", "[Widget]")
    assert [each.path for each in asked(tmp_path, AddonSpec("web", "a.yaml"), a=text).manifests] == [
        "widgets.example.com"
    ]


def test_a_list_of_nothing_has_no_object(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match="has no object in it"):
        asked(tmp_path, AddonSpec("web", "a.yaml"), a="{apiVersion: v1, kind: List, items: }")
