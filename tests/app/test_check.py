"""`python -m demo_app.check`, which the server's unit runs before it opens a port."""

from __future__ import annotations

import pytest
from demo_app import __version__
from demo_app.check import check


@pytest.fixture
def mark(tmp_path):
    return tmp_path / "was-ready"


def test_a_release_that_is_ready_may_serve_and_is_not_asked_again(deployment, mark):
    assert check(deployment.settings(), mark)
    assert mark.read_text() == __version__
    assert check(deployment.settings(database_port=9), mark)


def test_one_that_never_was_ready_may_not(deployment, mark):
    assert not check(deployment.settings(database_port=9), mark)
    assert not mark.exists()
    assert check(deployment.settings(), mark)


def test_the_mark_of_another_release_does_not_count(deployment, mark):
    mark.write_text("0.9")
    assert not check(deployment.settings(database_port=9), mark)


def test_every_answer_says_which_release_gave_it(client):
    for path in ("/", "/ready", "/nowhere"):
        assert client.get(path).headers["X-App-Version"] == __version__
