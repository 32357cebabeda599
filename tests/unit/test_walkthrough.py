"""The walkthrough is whole: each part has a picture that is current, commands, what they print, and a way on."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests import diagrams
from tests.walkthrough.blocks import PLACE, Block, blocks, parts

PARTS = parts()[1:]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.stem)
def test_each_part_has_a_picture_commands_and_a_way_on(part: Path) -> None:
    text = part.read_text()
    assert re.findall(r"^!\[.+\]\(diagrams/\w+\.svg\)$", text, re.MULTILINE)
    assert text.count("\n## In the lab\n") == 1
    assert blocks(part)
    following = PARTS[PARTS.index(part) + 1 :][:1]
    assert all(f"Next: [{_title(one)}]({one.name})" in text for one in following)


def _title(part: Path) -> str:
    return re.sub(r"^# \d+\. |, .*", "", part.read_text().splitlines()[0])


def test_the_index_lists_all_parts() -> None:
    assert re.findall(r"^\| \[\d+\. .+\]\((.+)\)", parts()[0].read_text(), re.MULTILINE) == [one.name for one in PARTS]


def test_each_link_to_a_heading_finds_it() -> None:
    for part in parts():
        for name, anchor in re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", part.read_text()):
            headings = re.findall(r"^#+ (.+)$", (PLACE / name if name else part).read_text(), re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_diagrams_are_current_and_each_is_shown() -> None:
    assert diagrams.stale() == []
    shown = {name for part in PARTS for name in re.findall(r"\(diagrams/(\w+)\.svg\)", part.read_text())}
    assert shown == {path.stem for path in diagrams.PLACE.glob("*.dot")}


def test_a_diagram_whose_text_has_changed_is_stale_until_it_is_made(tmp_path: Path) -> None:
    for file in diagrams.PLACE.glob("aurora.*"):
        shutil.copy(file, tmp_path)
    assert diagrams.stale(tmp_path) == []
    text = tmp_path / "aurora.dot"
    text.write_text(text.read_text().replace("zone a", "zone z"))
    (tmp_path / "gone.svg").touch()
    assert diagrams.stale(tmp_path) == ["aurora", "gone"]
    diagrams.write(tmp_path)
    assert diagrams.stale(tmp_path) == []
    assert "zone z" in (tmp_path / "aurora.svg").read_text()
    assert not (tmp_path / "gone.svg").exists()


@pytest.mark.parametrize(
    ("seen", "output", "matches"),
    [
        ("found\n0\n", "found\n0\n\n", True),
        ("found\n0\n", "found\n10\n", False),
        ("a …\n", "a b c", True),
        ("a …\n", "b a c", False),
        ("…\nlast\n", "one\ntwo\nlast\n", True),
        ("…\nlast\n", "last\n", True),
        ("…\nlast\n", "last\nmore\n", False),
    ],
)
def test_what_is_seen_is_compared_line_by_line(seen: str, output: str, matches: bool) -> None:
    assert Block("", "", seen).matches(output) is matches


def test_a_part_that_does_not_say_what_a_command_prints_is_refused(tmp_path: Path) -> None:
    part = tmp_path / "part.md"
    part.write_text("```sh\ntrue\n```\n\n```sh\ntrue\n```\n\n```text\n\n```\n")
    with pytest.raises(ValueError, match="does not say what this prints"):
        blocks(part)
