"""docs/playbooks/<name>.md from each playbook and what it takes: says which is stale, or makes them (`write`)."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml

TOP = Path(__file__).resolve().parents[1]
PLACE = TOP / "docs/playbooks"


def names() -> list[str]:
    """The playbooks that a user runs."""
    return sorted(path.stem for path in (TOP / "playbooks").glob("*.yml"))


def comment(text: str) -> list[str]:
    """The lines at the playbook's head, without their marks."""
    lines = text.removeprefix("---\n").splitlines()
    return [line.removeprefix("#").removeprefix(" ") for line in lines[: _first(lines)]]


def _first(lines: list[str]) -> int:
    return next(number for number, line in enumerate(lines) if not line.startswith("#"))


def roles(path: Path) -> list[str]:
    """The roles that a playbook and those it imports run, in their order."""
    found: list[str] = []
    text = path.read_text()
    for word, name, entry in re.findall(
        r"import_playbook: (\S+)|name: threetier\.aws\.(\w+)|name: threetier\.aws\.\{\{.*\n +tasks_from: (\w+)", text
    ):
        every = sorted(one.parents[1].name for one in (TOP / "roles").glob(f"*/tasks/{entry}.yml")) if entry else []
        found += every or ([name] if name else roles(path.parent / word))
    return list(dict.fromkeys(found))


def inputs_of_roles() -> dict[str, Any]:
    """What the roles take, by name."""
    specs = [yaml.safe_load(path.read_text()) for path in sorted((TOP / "roles").glob("*/meta/argument_specs.yml"))]
    entries = [entry for spec in specs for entry in spec["argument_specs"].values()]
    return {name: option for entry in entries for name, option in entry.get("options", {}).items()}


def page(name: str, own: dict[str, Any], known: dict[str, Any]) -> str:
    """
    The page of one playbook.

    :param own: what it takes itself, from playbooks/vars/inputs.yml
    :param known: options of roles and choices, from which those are described that its comment names
    """
    path = TOP / f"playbooks/{name}.yml"
    head = comment(path.read_text())
    if not head:
        sys.exit(f"{path} has no comment at its head that says what it does.")
    named = [word for word in re.findall(r"-e (\w+)=", " ".join(head)) if word in known]
    takes = own | {word: known[word] for word in named if word not in own}
    lines = [
        f"<!-- Made from playbooks/{name}.yml and playbooks/vars/inputs.yml by `make docs`; edit those. -->",
        "",
        f"# {name}",
        "",
        *(["```text", *head, "```"] if any(line.startswith("  ") for line in head) else head),
        "",
        "```sh",
        f"ansible-playbook -i inventories/demo playbooks/{name}.yml    # in a checkout",
        f"ansible-playbook -i inventories/shop threetier.aws.{name}    # from the installed collection",
        "```",
    ]
    if takes:
        lines += ["", "| by `-e` | takes | |", "|---|---|---|"]
    for word, option in sorted(takes.items()):
        lines.append(f"| `{word}` | {option.get('type', 'str')} | {_sentences(option['description'])} |")
    if used := roles(path):
        links = ", ".join(f"[{role}](../../roles/{role}/README.md)" for role in used)
        lines += ["", f"Roles: {links}. All [choices](../choices.md) hold."]
    return "\n".join(lines) + "\n"


def _sentences(text: str | list[str]) -> str:
    text = " ".join(text if isinstance(text, list) else [text])
    return re.sub(r"\b[CIOV]\((.*?)\)", r"`\1`", text.strip()).replace("|", "\\|").replace("\n", " ")


def index(pages: dict[str, str]) -> str:
    lines = ["<!-- Made by `make docs`. -->", "", "# Playbooks", "", "| playbook | |", "|---|---|"]
    for name in pages:
        head = " ".join(comment((TOP / f"playbooks/{name}.yml").read_text()))
        lines.append(f"| [{name}]({name}.md) | {re.split(r'(?<=[.:;]) |: -e', head)[0].rstrip('.:;')} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    own = yaml.safe_load((TOP / "playbooks/vars/inputs.yml").read_text())
    known = inputs_of_roles() | yaml.safe_load((TOP / "choices.yml").read_text())
    pages = {name: page(name, own.get(name, {}), known) for name in names()}
    wanted = {f"{name}.md": text for name, text in pages.items()} | {"README.md": index(pages)}
    found = {path.name: path.read_text() for path in PLACE.glob("*.md")}
    if wanted == found:
        return 0
    if sys.argv[1:] != ["write"]:
        stale = sorted(name for name in wanted | found if wanted.get(name) != found.get(name))
        print(f"docs/playbooks is stale ({', '.join(stale)}): make docs", file=sys.stderr)
        return 1
    PLACE.mkdir(exist_ok=True)
    for name in found:
        (PLACE / name).unlink()
    for name, text in wanted.items():
        (PLACE / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
