# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
The kinds of resources that roles make, from `roles/<role>/resources/<kind>.yml`. Private to this collection.

A file is found by its place. docs/resources.md says what can stand in one.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any
from typing import Callable

import jinja2
import yaml

ROLES = Path(__file__).resolve().parents[2] / "roles"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEMPLATES = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701 - no HTML is made of it
_EXPRESSIONS = jinja2.Environment(undefined=jinja2.ChainableUndefined, autoescape=False)  # noqa: S701 - likewise


def read(roles: Path = ROLES) -> list[dict[str, Any]]:
    """All kinds, sorted by type. Several files may give names to one type; one of them says the rest of it."""
    kinds: dict[str, dict[str, Any]] = {}
    for path in sorted(roles.glob("*/resources/*.yml")):
        said = yaml.load(path.read_text(), Loader=_LOADER)  # noqa: S506 - it is the safe loader in C
        kind = kinds.setdefault(said["type"], {"names": []})
        twice = kind.keys() & said.keys() - {"names", "type"}
        if twice:
            raise ValueError(f"{path}: {', '.join(sorted(twice))} of {said['type']} stands in another file already.")
        kinds[said["type"]] = {**kind, **said, "names": kind["names"] + said.get("names", [])}
    return [kinds[name] for name in sorted(kinds)]


def listings(kinds: list[dict[str, Any]], stack: str = "") -> list[dict[str, Any]]:
    """What the module that looks for resources has to know of each kind."""
    return [
        {**kind["list"], "type": kind["type"], "names": filled(kind["names"], {"stack": stack}) if stack else []}
        for kind in kinds
    ]


def filled(value: Any, context: dict[str, Any]) -> Any:
    """A value with the templates in it filled in, and so in lists and dictionaries."""
    if isinstance(value, str):
        return _template(value).render(context) if "{" in value else value
    if isinstance(value, dict):
        return {key: filled(inner, context) for key, inner in value.items()}
    return [filled(inner, context) for inner in value] if isinstance(value, list) else value


def holds(expression: str | None, context: dict[str, Any]) -> bool:
    """Whether an expression is true. No expression is not, nor is one about what is not there."""
    return bool(expression and _expression(expression)(context))


@functools.cache
def _template(text: str) -> jinja2.Template:
    return _TEMPLATES.from_string(text)


@functools.cache
def _expression(text: str) -> Callable[..., Any]:
    return _EXPRESSIONS.compile_expression(text)
