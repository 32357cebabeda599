# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Choices of a deployment: what choices.yml says of them, as values, roles' inputs, an argument spec and sentences.
Private to this collection.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load
from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE, BOOLEANS_TRUE

TOP = Path(__file__).resolve().parents[2]
FILE = TOP / "choices.yml"
ARCHITECTURES = TOP / "architectures"

Spec = dict[str, dict[str, Any]]  # by name, what choices.yml, an argument spec or playbooks/vars/inputs.yml says of it


def choices() -> Spec:
    """What choices.yml says, as data; the inventory plugin reads it by Ansible's loader, which trusts its templates."""
    found: Spec = yaml_load(FILE.read_text())
    return found


def architectures() -> list[str]:
    """The names that threetier_architecture may have."""
    return sorted(path.stem for path in ARCHITECTURES.glob("*.yml"))


def values(spec: Spec, architecture: dict[str, Any]) -> dict[str, Any]:
    """What each choice is unless the inventory says otherwise; those without a default are left out."""
    return {name: choice["default"] for name, choice in spec.items() if "default" in choice} | architecture


def role_inputs(spec: Spec, roles: dict[str, set[str]]) -> dict[str, str]:
    """
    The inputs of roles that choices become, as templates.

    :param roles: by role, the names of its inputs.
    """
    found: dict[str, str] = {}
    for name, choice in spec.items():
        feeds = choice.get("feeds", [])
        if not isinstance(feeds, dict):
            template = f"{{{{ {name} | bool }}}}" if choice["type"] == "bool" else f"{{{{ {name} }}}}"
            feeds = dict.fromkeys(feeds, template)
        for target, template in feeds.items():
            everyone = [
                target.replace("*", role) for role, inputs in roles.items() if target.replace("*", role) in inputs
            ]
            found |= dict.fromkeys(everyone if "*" in target else [target], template)
    return found


def inputs_by_role() -> dict[str, set[str]]:
    """By role, the names that stand in its argument specs. The text is searched: parsing it takes ten times as long."""
    specs = (TOP / "roles").glob("*/meta/argument_specs.yml")
    return {path.parts[-3]: set(re.findall(r"^ {6}(\w+):", path.read_text(), re.M)) for path in sorted(specs)}


def options_of_roles() -> Spec:
    """The options of all entry points, none of them required: what is not given comes from a role or from another."""
    specs = [yaml_load(path.read_text()) for path in sorted((TOP / "roles").glob("*/meta/argument_specs.yml"))]
    entries = [entry for spec in specs for entry in spec["argument_specs"].values()]
    options = {name: option for entry in entries for name, option in entry.get("options", {}).items()}
    return {
        name: {key: value for key, value in option.items() if key not in ("required", "default")}
        for name, option in options.items()
    }


def options_of_playbooks() -> Spec:
    """What playbooks take themselves, by name: playbooks/vars/inputs.yml."""
    playbooks = yaml_load((TOP / "playbooks/vars/inputs.yml").read_text())
    return {name: option for taken in playbooks.values() for name, option in taken.items()}


def argument_spec(spec: Spec) -> Spec:
    """The choices as ansible.builtin.validate_argument_spec takes them; each is required."""
    known = ("type", "elements", "options", "choices", "no_log")
    return {
        name: {key: choice[key] for key in known if key in choice} | {"required": True} for name, choice in spec.items()
    }


def converted(value: Any, option: dict[str, Any]) -> Any:
    """
    The value in the option's type. Words come from `-e name=value`, which knows no other type.

    :raises ValueError: with what it takes, if the word can't be one. A template is left to whoever renders it.
    """
    kind = option.get("type", "str")
    if not isinstance(value, str):
        if kind in ("str", "path") and isinstance(value, (bool, float)):
            raise ValueError(f'text. Write it in quotes, such as {{"name": "{value}"}}')
        return value
    if "{{" in value or kind in ("str", "path", "raw"):
        return value
    if kind == "bool":
        return _boolean(value)
    if kind == "int":
        if not re.fullmatch(r"\s*[-+]?\d+\s*", value):
            raise ValueError("a whole number")
        return int(value)
    if kind == "float":
        if not re.fullmatch(r"\s*[-+]?\d+(\.\d+)?\s*", value):
            raise ValueError("a number, such as 0.5")
        return float(value)
    if kind == "list":
        words = (
            yaml_load(value)
            if value.strip().startswith("[")
            else [word.strip() for word in value.split(",") if word.strip()]
        )
        return [converted(word, {"type": option.get("elements", "str")}) for word in words]
    if kind == "dict" and value.strip().startswith("{"):
        return yaml_load(value)
    raise ValueError('a mapping, as JSON: -e \'{"name": {"key": "value"}}\'' if kind == "dict" else f"{kind}")


def _boolean(word: str) -> bool:
    if word.lower() in BOOLEANS_TRUE:
        return True
    if word.lower() in BOOLEANS_FALSE:
        return False
    raise ValueError("true or false")


def convert_all(given: dict[str, Any], spec: Spec) -> list[str]:
    """Put in place of the words in `given` what they mean; returns a sentence for each that can mean nothing."""
    found = []
    for name in given.keys() & spec.keys():
        try:
            given[name] = converted(given[name], spec[name])
        except ValueError as error:
            found.append(f'{name} is "{given[name]}". Take {error}.')
    return sorted(found)


def unknown(given: list[str], known: list[str]) -> list[str]:
    """
    Sentences about names that nobody knows: each that is called as a choice, and others that are nearly right. What is
    called otherwise may be the deployment's own.
    """
    found = []
    for name in sorted(set(given) - set(known)):
        near = difflib.get_close_matches(name, known, 1, 0.9)
        if near or name.startswith("threetier_"):
            found.append(
                f"Nothing is named {name}. "
                + (f"Is {near[0]} meant?" if near else "docs/choices.md lists the choices.")
            )
    return found
