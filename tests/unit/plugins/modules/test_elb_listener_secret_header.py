"""elb_listener_secret_header: who may pass a load balancer, by the rules that its listeners then have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .cycles import make_load_balancer

HEADER = "X-Origin-Verify"


@pytest.fixture
def listener(client: Any) -> str:
    return str(make_load_balancer(client, "web")["ListenerArn"])


@pytest.fixture
def secret(client: Any) -> str:
    return str(client("secretsmanager").create_secret(Name="origin", SecretString="first")["ARN"])


def rules(client: Any, listener: str) -> list[tuple[str, list[str], str]]:
    """(priority, what it fits, what it does) of each rule but the default one."""
    found = []
    for rule in client("elbv2").describe_rules(ListenerArn=listener)["Rules"]:
        if not rule["IsDefault"]:
            (condition,) = rule["Conditions"]
            values = (condition.get("HttpHeaderConfig") or condition.get("PathPatternConfig") or condition)["Values"]
            found.append((rule["Priority"], sorted(values), rule["Actions"][0]["Type"]))
    return sorted(found)


def test_it_forwards_what_carries_the_secret_and_refuses_the_rest(
    run_module: Any, client: Any, listener: str, secret: str
) -> None:
    done = run_module("elb_listener_secret_header", load_balancer="web", secret_id=secret)
    assert rules(client, listener) == [("1", ["first"], "forward"), ("2", ["*"], "fixed-response")]
    assert done["ports"] == [8443]  # the one that redirects answers as before
    assert "first" not in json.dumps(done["diff"])
    opened = run_module("elb_listener_secret_header", load_balancer="web", state="absent")
    assert opened["diff"]["before"]["rules"][0]["anything_else"] == "is refused"
    assert rules(client, listener) == []


def test_the_value_of_before_passes_too_while_it_is_changed(
    run_module: Any, client: Any, listener: str, secret: str
) -> None:
    run_module("elb_listener_secret_header", load_balancer="web", secret_id=secret)
    for value in ("second", "third"):
        client("secretsmanager").put_secret_value(SecretId=secret, SecretString=value)
        done = run_module("elb_listener_secret_header", load_balancer="web", secret_id=secret)
        assert done["changed"]
        assert value not in json.dumps(done)
    assert rules(client, listener)[0] == ("1", ["second", "third"], "forward")


def test_a_closed_listener_learns_the_value_of_today_and_an_open_one_stays_open(
    run_module: Any, client: Any, listener: str, secret: str
) -> None:
    keep = {"load_balancer": "web", "secret_id": secret, "close": False}
    assert not run_module("elb_listener_secret_header", **keep)["changed"]
    assert rules(client, listener) == []
    run_module("elb_listener_secret_header", load_balancer="web", secret_id=secret)
    client("secretsmanager").put_secret_value(SecretId=secret, SecretString="second")
    assert run_module("elb_listener_secret_header", check=True, **keep)["changed"]
    assert run_module("elb_listener_secret_header", **keep)["changed"]
    assert not run_module("elb_listener_secret_header", **keep)["changed"]
    assert rules(client, listener)[0] == ("1", ["first", "second"], "forward")


def test_a_run_that_was_cut_off_between_the_two_rules_is_gone_on_with(
    run_module: Any, client: Any, listener: str, secret: str
) -> None:
    run_module("elb_listener_secret_header", load_balancer="web", secret_id=secret)
    refusing = client("elbv2").describe_rules(ListenerArn=listener)["Rules"][1]
    client("elbv2").delete_rule(RuleArn=refusing["RuleArn"])
    assert run_module("elb_listener_secret_header", load_balancer="web", secret_id=secret)["changed"]
    assert len(rules(client, listener)) == 2
    assert not run_module("elb_listener_secret_header", load_balancer="web", secret_id=secret)["changed"]


def test_others_rules_stay_and_are_not_taken_for_its_own(
    run_module: Any, client: Any, listener: str, secret: str
) -> None:
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    path = {"Field": "path-pattern", "Values": ["/down"]}
    client("elbv2").create_rule(ListenerArn=listener, Priority=9, Conditions=[path], Actions=[answer])
    run_module("elb_listener_secret_header", load_balancer="web", secret_id=secret)
    run_module("elb_listener_secret_header", load_balancer="web", state="absent")
    assert rules(client, listener) == [("9", ["/down"], "fixed-response")]


def test_what_is_missing_is_said_and_a_plan_goes_on(run_module: Any, listener: str, secret: str) -> None:
    gone = secret.replace("origin", "gone")
    assert run_module("elb_listener_secret_header", load_balancer="web", secret_id=gone)["msg"] == (
        f"There is no secret {gone}."
    )
    none = run_module("elb_listener_secret_header", load_balancer="none", secret_id=secret)
    assert none["msg"] == "There is no listener of none that forwards."
    for given in ({"load_balancer": "web", "secret_id": gone}, {"load_balancer": "none", "secret_id": secret}):
        planned = run_module("elb_listener_secret_header", check=True, **given)
        assert planned["changed"]
        assert planned["diff"]["after"]["rules"][0]["header"] == HEADER
