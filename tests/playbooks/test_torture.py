"""make torture in small: the network, killed and throttled, each a few times."""

from __future__ import annotations

import re

import pytest

from tests.torture.__main__ import main


def test_what_is_killed_is_taken_up_again_and_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--playbook", "network", "--rounds", "1", "--kills", "2", "--seed", "7"]) == 0
    figures = dict(re.findall(r"^  ([\w ]+): (\d+)$", capsys.readouterr().out, re.MULTILINE))
    assert int(figures["kills"]) >= 2
    assert int(figures["throttled calls"]) > 20
    assert (figures["rounds"], figures["leftovers"], figures["duplicates"]) == ("1", "0", "0")
