"""What the documentation of plugins says of them is so."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet
from packaging.version import Version

TOP = Path(__file__).parents[3]
PLUGINS = TOP / "plugins"
COLLECTION = Version(yaml.safe_load((TOP / "galaxy.yml").read_text())["version"])


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each plugin's documentation, whether it stands in the plugin or beside it."""
    for path in sorted(PLUGINS.rglob("*.yml")):
        yield str(path.relative_to(PLUGINS)), yaml.safe_load(path.read_text())["DOCUMENTATION"]
    for path in sorted(PLUGINS.glob("*/*.py")):
        if (
            path.parent.name in ("module_utils", "plugin_utils", "doc_fragments")
            or "DOCUMENTATION" not in path.read_text()
        ):
            continue
        module = importlib.import_module(f"ansible_collections.threetier.aws.plugins.{path.parent.name}.{path.stem}")
        yield str(path.relative_to(PLUGINS)), yaml.safe_load(module.DOCUMENTATION)


def added_in(document: Any) -> Iterator[str]:
    """All values of version_added, those of single options too."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "version_added":
                yield value
            else:
                yield from added_in(value)


def filters() -> Iterator[tuple[str, Callable[..., Any]]]:
    for path in sorted((PLUGINS / "filter").glob("*.py")):
        module = importlib.import_module(f"ansible_collections.threetier.aws.plugins.filter.{path.stem}")
        yield from module.FilterModule().filters().items()


def test_nothing_was_added_in_a_version_that_is_still_to_come():
    later = [(place, said) for place, one in documents() for said in added_in(one) if Version(said) > COLLECTION]
    assert later == []


def test_dependencies_have_bounds_and_what_is_tried_here_is_within_them():
    bounds = yaml.safe_load((TOP / "galaxy.yml").read_text())["dependencies"]
    listed = yaml.safe_load((TOP / "requirements.yml").read_text())["collections"]
    assert {one["name"]: one["version"] for one in listed} == bounds
    for name, bound in bounds.items():
        place = importlib.import_module(f"ansible_collections.{name}").__path__[0]
        tried = json.loads((Path(place) / "MANIFEST.json").read_text())["collection_info"]["version"]
        assert tried in SpecifierSet(bound), name
        assert "<" in bound, name


@pytest.mark.parametrize(("name", "function"), [pytest.param(*one, id=one[0]) for one in filters()])
def test_a_filter_takes_the_options_that_it_documents(name, function):
    beside = PLUGINS / "filter" / f"{name}.yml"
    if beside.exists():
        document = yaml.safe_load(beside.read_text())["DOCUMENTATION"]
    else:
        document = dict(documents())[f"filter/{name}.py"]
    assert document["name"] == name
    options = document["options"]
    _input, *parameters = inspect.signature(function).parameters.values()
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters):
        return  # it hands on what it is given
    assert {one.name for one in parameters if one.name != "now"} == options.keys() - {"_input"}
    for one in parameters:
        if one.name != "now":  # for tests: the time of the look
            assert (one.default is inspect.Parameter.empty) == options[one.name].get("required", False), one.name
