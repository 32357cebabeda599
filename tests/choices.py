"""docs/choices.md and group_vars/all.yml from choices.yml: without a word says which is stale, `write` makes them."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Any

import yaml

TOP = Path(__file__).resolve().parents[1]


def table(choices: dict[str, dict[str, Any]]) -> str:
    """docs/choices.md."""
    lines = [
        "<!-- Made from choices.yml by `make docs`; edit that. -->",
        "",
        "# Choices",
        "",
        "Each stands in [choices.yml](../choices.yml). An [architecture](architectures) gives values that differ from",
        "these defaults, the inventory's `group_vars` win over it, and `-e name=value` wins over all.",
    ]
    for group in dict.fromkeys(choice["group"] for choice in choices.values()):
        lines += ["", f"## {group}", "", "| choice | takes | default | |", "|---|---|---|---|"]
        for name, choice in choices.items():
            if choice["group"] == group:
                takes = choice["type"] + (f" of {choice['elements']}" if "elements" in choice else "")
                default = f"`{_flow(choice['default'])}`" if choice.get("default") not in (None, "") else ""
                lines.append(
                    f"| `{name}` | {takes} | {default} | {choice['description'].strip()} |".replace("|| ", "\\|\\| ")
                )
    return "\n".join(lines) + "\n"


def commented(choices: dict[str, dict[str, Any]]) -> str:
    """group_vars/all.yml: each choice as a comment."""
    lines = [
        "---",
        "# All choices, with their defaults. Take the # away to choose otherwise, here for every environment or in",
    ]
    lines += ["# group_vars/<environment>.yml for one. Made from choices.yml by `make docs`."]
    for name, choice in choices.items():
        if "default" not in choice:
            continue  # said in threetier.yml
        lines += ["", *textwrap.wrap(choice["description"], 118, initial_indent="# ", subsequent_indent="# ")]
        lines += [
            f"# {line}".rstrip()
            for line in yaml.safe_dump({name: choice["default"]}, width=110, sort_keys=False).splitlines()
        ]
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False).strip().removesuffix("\n...")
    return text.replace("|", "\\|")


def main() -> int:
    choices = yaml.safe_load((TOP / "choices.yml").read_text())
    stale = 0
    for path, text in {"docs/choices.md": table(choices), "group_vars/all.yml": commented(choices)}.items():
        if (TOP / path).exists() and (TOP / path).read_text() == text:
            continue
        if sys.argv[1:] == ["write"]:
            (TOP / path).write_text(text)
        else:
            print(f"{path} is stale: make docs", file=sys.stderr)
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
