"""Every module: check, apply, check, apply says yes, yes, no, no; and the API's log shows that checks wrote nothing."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from . import cycles

TOP = Path(__file__).resolve().parents[4]
# Without those that only document an action plugin
MODULES = sorted(path.stem for path in (TOP / "plugins/modules").glob("*.py") if "def main(" in path.read_text())
NO_DIFF = {"stack_lease"}  # a lease is no part of the stack
# They change nothing of a stack, in check mode or out of it, so they have no cycle
PLANS = {"planned_change", "stack_lease"}


def documented(name: str) -> dict[str, Any]:
    """The module's documentation, with what it takes over from this collection's fragments."""
    plugins = "ansible_collections.threetier.aws.plugins"
    document = yaml.safe_load(importlib.import_module(f"{plugins}.modules.{name}").DOCUMENTATION)
    for fragment in document.get("extends_documentation_fragment", []):
        if fragment.startswith("threetier.aws."):
            place, _dot, section = fragment.removeprefix("threetier.aws.").partition(".")
            shared = importlib.import_module(f"{plugins}.doc_fragments.{place}").ModuleDocFragment
            for key, value in yaml.safe_load(getattr(shared, (section or "documentation").upper())).items():
                document[key] = {**value, **document.get(key, {})}
    return document


@pytest.mark.usefixtures("impatient", "no_mail")
@pytest.mark.parametrize("name", sorted({*MODULES} - PLANS))
def test_a_module_predicts_does_and_leaves_alone(
    name: str, client: Any, cycle: Any, run_module: Any, writes: list[str], note_cycle: Any
) -> None:
    steps = getattr(cycles, name, None)
    assert steps, f"{name} has no entry in cycles.py: write down how it is created, changed and removed."
    reads = name.endswith("_info")
    taken = []
    for step, options in steps(client):
        before = len(writes)
        said = read(run_module, name, options) if reads else cycle(name, **options)
        assert not reads or writes[before:] == []
        counts = [len(one.get("writes", [])) for one in said]
        note_cycle(name, step, changed=[one["changed"] for one in said], writes=counts)
        taken.append(step)
    state = documented(name)["options"].get("state", {})
    assert "absent" not in state.get("choices", []) or "remove" in taken, f"{name} can remove, and nobody tried it."


def read(run_module: Any, name: str, options: dict[str, Any]) -> list[dict[str, Any]]:
    seen = [run_module(name, check=check, **options) for check in (True, False, True, False)]
    assert [one.get("msg") for one in seen] == [None] * 4
    assert [one["changed"] for one in seen] == [False] * 4
    assert all(one == seen[0] for one in seen)
    return seen


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_it_supports(name: str) -> None:
    attributes = documented(name)["attributes"]
    assert attributes["check_mode"]["support"] == "full"
    assert attributes["diff_mode"]["support"] == ("none" if name.endswith("_info") or name in NO_DIFF else "full")
