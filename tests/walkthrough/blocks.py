"""The commands of docs/walkthrough, in a reader's order, and what must be seen."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PLACE = TOP / "docs/walkthrough"
_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclasses.dataclass
class Block:
    """Lines for the shell, and what they print. `…` in a line is any text, a line of `…` any number of lines."""

    part: str
    commands: str
    seen: str = ""

    def matches(self, output: str) -> bool:
        lines = (line.rstrip() for line in output.strip("\n").splitlines())
        return bool(re.fullmatch(_pattern(self.seen), "".join(f"{line}\n" for line in lines)))


def parts() -> list[Path]:
    return [PLACE / "README.md", *sorted(PLACE.glob("[0-9]*.md"))]


def blocks(part: Path) -> list[Block]:
    """ValueError if something is to be seen that no command has printed, or a command prints nothing to look at."""
    found: list[Block] = []
    for kind, text in _BLOCK.findall(part.read_text()):
        if kind == "sh":
            found.append(Block(part.stem, text))
        elif not found or found[-1].seen:
            raise ValueError(f"{part.name}: no command prints this:\n{text}")
        else:
            found[-1].seen = text
    for block in found:
        if not block.seen:
            raise ValueError(f"{part.name}: it does not say what this prints:\n{block.commands}")
    return found


def _pattern(seen: str) -> str:
    return "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line).replace("…", ".*") + r"\n"
        for line in seen.splitlines()
    )
