"""What is still in use is asked for again, with its reason on each try; what is refused is returned."""

from __future__ import annotations

import itertools
import types
from collections.abc import Callable
from typing import Any

import pytest
from ansible.plugins.action import ActionBase
from ansible_collections.threetier.aws.plugins.action import delete_resource

IN_USE = {"failed": True, "msg": "DependencyViolation: it has a network interface"}
OTHER = {"failed": True, "msg": "AccessDenied", "error": {"message": "you may not"}}
GONE = {"changed": True}


@pytest.fixture
def delete(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[dict[str, Any], list[str]]]:
    """delete(answers, **options): the result, and what was shown meanwhile."""

    def run(answers: list[dict[str, Any]], **options: Any) -> tuple[dict[str, Any], list[str]]:
        action, shown = object.__new__(delete_resource.ActionModule), []
        action._task = types.SimpleNamespace(args={"module": "amazon.aws.ec2_vpc_subnet", "arguments": {}, **options})
        action._display = types.SimpleNamespace(display=shown.append)
        said = itertools.chain(answers, itertools.repeat(answers[-1]))
        action._execute_module = lambda **_: next(said)
        return action.run(), shown

    monkeypatch.setattr(ActionBase, "run", lambda *_: {})
    monkeypatch.setattr(delete_resource.time, "sleep", lambda _: None)
    return run


def test_what_is_in_use_is_asked_for_again_and_each_try_says_why(delete):
    result, shown = delete([IN_USE, IN_USE, GONE], retry="DependencyViolation", timeout=60, pause=5)
    assert result == {"changed": True, "refused": ""}
    assert shown == [
        f"waiting up to {left} s, for it is still in use: DependencyViolation: it has a network interface"
        for left in (60, 55)
    ]


@pytest.mark.parametrize(
    ("answer", "options", "tries"),
    [
        (IN_USE, {"retry": "DependencyViolation", "timeout": 10, "pause": 5}, 2),
        (IN_USE, {"retry": "DependencyViolation"}, 0),
        (IN_USE, {"timeout": 10}, 0),
        (OTHER, {"retry": "DependencyViolation", "timeout": 10}, 0),
    ],
)
def test_it_ends_with_the_reason(delete, answer, options, tries):
    result, shown = delete([answer], **options)
    assert result["refused"].startswith(answer["msg"])
    assert result["changed"] is False
    assert len(shown) == tries
