"""What a call of the API makes of an error: another try, a default, or a sentence."""

from __future__ import annotations

from typing import Any

import botocore.exceptions
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.threetier.aws.plugins.module_utils import _calls


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr("ansible_collections.amazon.aws.plugins.module_utils.cloud.time.sleep", pauses.append)
    return pauses


def failing(*errors: tuple[str, str]) -> Any:
    """Answers with these errors (code, message) one after the other, then with "done"."""
    answers = iter(errors)

    def function() -> str:
        for code, message in answers:
            raise botocore.exceptions.ClientError({"Error": {"Code": code, "Message": message}}, "Call")
        return "done"

    return function


def test_throttling_passes_and_so_do_the_codes_and_words_that_are_named(pauses):
    decorate = _calls.call("x", retry_on=["Busy"], retry_on_message="not ready")
    errors = [("Throttling", ""), ("Busy", ""), ("InvalidArgument", "The role is not ready yet")]
    assert decorate(failing(*errors))() == "done"
    assert len(pauses) == 3


def test_another_error_is_a_sentence_at_once(pauses):
    with pytest.raises(AnsibleAWSError, match=r"^Failed to read the thing: .*An odd one"):
        _calls.call("read the thing", retry_on_message="not ready")(failing(("Odd", "An odd one")))()
    assert pauses == []


def test_what_must_not_happen_twice_is_tried_once(pauses):
    with pytest.raises(AnsibleAWSError, match="Failed to call the function"):
        _calls.call("call the function", tries=1)(failing(("Throttling", "Slow down")))()
    assert pauses == []


@pytest.mark.parametrize("error", [("NoSuchThing", ""), ("ValidationError", "group not found: x")])
def test_what_is_not_there_is_the_default_by_code_or_by_words(error):
    decorate = _calls.read("read it", "none", missing=["NoSuchThing"], missing_message="group not found")
    assert decorate(failing(error))() == "none"
    with pytest.raises(AnsibleAWSError):
        decorate(failing(("ValidationError", "too long")))()


def test_what_is_gone_need_not_be_deleted():
    assert not _calls.delete("delete it", missing=["NoSuchThing"])(failing(("NoSuchThing", "")))()
    with pytest.raises(AnsibleAWSError, match="Failed to delete it"):
        _calls.delete("delete it", missing=["NoSuchThing"])(failing(("InUse", "")))()


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "SlowDown", "RequestLimitExceeded", "TooManyRequestsException"]
)
@pytest.mark.parametrize(
    "decorate",
    [_calls.call("x"), _calls.read("x", "none", missing=["Gone"]), _calls.delete("x", missing=["Gone"])],
    ids=["call", "read", "delete"],
)
def test_too_many_calls_are_made_again_in_whatever_word_the_service_says_it(decorate, code):
    tries: list[str] = []

    def busy() -> str:
        tries.append(code)
        if len(tries) <= 3:
            raise botocore.exceptions.ClientError({"Error": {"Code": code, "Message": "Rate exceeded"}}, "Call")
        return "done"

    decorate(busy)()
    assert len(tries) == 4
