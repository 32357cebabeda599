"""Every command of docs/walkthrough, in a reader's order and one shell, on a lab started from nothing."""

from __future__ import annotations

import itertools
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from .blocks import TOP, Block, blocks, parts

_MARK = "=== the block has ended ==="
_DEADLINE = 600  # seconds for one block; the first ones build all
_ALL = [block for part in parts() for block in blocks(part)]


class Shell:
    """A bash as a reader has it: what one block sets, the next one has."""

    def __init__(self, scratch: Path) -> None:
        self._script = scratch / "block.sh"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "THREETIER_"))}
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=TOP,
            env={**kept, "ANSIBLE_NOCOLOR": "1", "NO_COLOR": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, commands: str) -> str:
        assert self._bash.stdin
        assert self._bash.stdout
        self._script.write_text(commands)
        late = threading.Timer(_DEADLINE, self._bash.kill)
        late.start()
        self._bash.stdin.write(f"source {self._script} </dev/null; echo; echo '{_MARK}'\n")
        self._bash.stdin.flush()
        lines = list(itertools.takewhile(lambda line: line != f"{_MARK}\n", self._bash.stdout))
        late.cancel()
        return "".join(lines)

    def close(self) -> None:
        assert self._bash.stdin
        self._bash.stdin.close()
        self._bash.wait(30)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    subprocess.run([TOP / ".venv/bin/python", "-m", "lab", "down"], cwd=TOP, check=True)
    made = Shell(tmp_path_factory.mktemp("walkthrough"))
    yield made
    made.close()
    subprocess.run([TOP / ".venv/bin/python", "-m", "lab", "down"], cwd=TOP, check=True)


@pytest.mark.parametrize("block", _ALL, ids=[f"{block.part}-{number}" for number, block in enumerate(_ALL)])
def test_the_commands_print_what_the_walkthrough_says(shell: Shell, block: Block) -> None:
    output = shell.run(block.commands)
    assert block.matches(output), f"{block.commands}\nprinted:\n{output[-4000:]}\nand not:\n{block.seen}"
