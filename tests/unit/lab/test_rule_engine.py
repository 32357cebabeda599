"""The rule engine behind web ACLs: real requests through HAProxy to libmodsecurity and the OWASP Core Rule Set."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict
from ansible_collections.community.aws.plugins.module_utils.wafv2 import wafv2_snake_dict_to_camel_dict
from ansible_collections.threetier.aws.plugins.module_utils._wafv2 import rules as site_rules

from lab import config, netns
from lab.services.elbv2.haproxy import Listener, Settings, order, render
from lab.services.elbv2.proxy import Proxy
from lab.services.wafv2 import proxy as firewall
from lab.services.wafv2.controller import Firewall

from ... import web_requests
from ...web_requests import Sent
from .test_balancers import rule as listener_rule
from .test_web_acls import SEEN, made, rule

DEFAULTS = yaml.safe_load((Path(__file__).parents[3] / "roles/waf/defaults/main.yml").read_text())
GROUPS, FILES = DEFAULTS["waf_managed_groups"], DEFAULTS["waf_file_paths"]
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": "the page"}}
PORT = 8080


@pytest.fixture
def world(machines: None, client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A load balancer's HAProxy in a namespace of its own, and the engine."""
    if os.geteuid() != 0 or not shutil.which("mmdebstrap") or not shutil.which("haproxy"):
        pytest.skip("needs root, mmdebstrap and haproxy")
    run = Path(tempfile.mkdtemp(prefix="t3"))  # short: a socket's path may have 100 letters at most
    monkeypatch.setattr(config, "RUN", run)
    namespace = f"t3waf{os.getpid()}"
    netns.add(namespace)
    engine, proxy = Firewall(), Proxy(namespace, run / "balancer")
    yield SimpleNamespace(wafv2=client("wafv2"), engine=engine, proxy=proxy, namespace=namespace)
    proxy.stop()
    engine.close()
    netns.delete(namespace)
    shutil.rmtree(run)


def look(world: Any, arn: str | None = None) -> None:
    """Have the engine know the web ACLs, and the proxy ask for this one."""
    for key in list(world.engine.keys()):
        world.engine.reconcile(key)
    asked = firewall.ask(arn, "ALB")
    text = render(
        Settings(
            ("127.0.0.1",),
            (Listener(PORT, order([listener_rule(FIXED)])),),
            {},
            str(world.proxy.socket),
            loaded=(firewall.LOAD,) if asked else (),
            first=asked,
        )
    )
    eventually(lambda: world.proxy.apply(text) or world.proxy.settled(text))


def eventually(question: Callable[[], Any]) -> None:
    end = time.monotonic() + 15
    while not question():
        assert time.monotonic() < end, "it did not come to this in time"
        time.sleep(0.05)


def send(world: Any, *requests: Sent, source: str = "127.0.0.1") -> list[int]:
    """The answers' codes, over one connection as long as it is kept."""
    found = []
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
    make = lambda: socket.create_connection(("127.0.0.1", PORT), timeout=20, source_address=(source, 0))  # noqa: E731
    for one in requests:
        if connection.sock is None:
            connection.sock = netns.socket_in(world.namespace, make)
        connection.putrequest(one.method, one.uri, skip_host=True, skip_accept_encoding=True)
        length = {"Content-Length": str(len(one.body))} if one.body else {}
        for name, value in {"Host": "page.test", **one.headers, **length}.items():
            connection.putheader(name, value)
        connection.endheaders(one.body or None)
        answer = connection.getresponse()
        answer.read()
        found.append(answer.status)
        if answer.will_close:
            connection.close()
    connection.close()
    return found


def rules(mode: str = "block") -> list[dict[str, Any]]:
    """As a site has them, behind what a test puts before them."""
    wanted = site_rules.rules(mode, [], 0, GROUPS, FILES)
    found = [wafv2_snake_dict_to_camel_dict(snake_dict_to_camel_dict(one, capitalize_first=True)) for one in wanted]
    return [{**one, "Priority": one["Priority"] + 10} for one in found]


def metric(client: Any, name: str) -> float:
    points = client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": "q",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/WAFV2",
                        "MetricName": name,
                        "Dimensions": [
                            {"Name": key, "Value": value}
                            for key, value in {"WebACL": "demo", "Region": "us-east-1", "Rule": "ALL"}.items()
                        ],
                    },
                    "Period": 3600,
                    "Stat": "Sum",
                },
            }
        ],
        StartTime=time.time() - 3600,
        EndTime=time.time() + 3600,
    )
    return sum(points["MetricDataResults"][0]["Values"])


def test_attacks_are_blocked_and_the_pages_requests_are_not(world: Any, client: Any) -> None:
    attacks, harmless = web_requests.attacks(), web_requests.harmless()
    assert (len(attacks), len(harmless)) == (100, 100)
    acl = made(world.wafv2, *rules())
    look(world, acl["ARN"])
    answers = send(world, *harmless)
    refused = [(one.uri, one.body[:80]) for one, code in zip(harmless, answers, strict=True) if code != 200]
    assert refused == []
    begin = time.monotonic()
    answers = send(world, *attacks)
    passed = [one for one, code in zip(attacks, answers, strict=True) if code != 403]
    print(f"{time.monotonic() - begin:.2f} s for 100 attacks; passed: {passed}")
    assert set(answers) <= {200, 403}
    assert len(passed) <= 5
    look(world, acl["ARN"])
    assert metric(client, "BlockedRequests") == 100 - len(passed)
    assert metric(client, "AllowedRequests") == 100 + len(passed)

    changed = {
        "Name": "demo",
        "Scope": "REGIONAL",
        "Id": acl["Id"],
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": {**SEEN, "MetricName": "demo"},
    }
    world.wafv2.update_web_acl(**changed, LockToken=acl["LockToken"], Rules=rules("count"))
    look(world, acl["ARN"])
    assert set(send(world, *attacks)) == {200}
    look(world, acl["ARN"])
    assert metric(client, "CountedRequests") >= 95
    assert metric(client, "BlockedRequests") == 100 - len(passed)


def test_lists_and_rates_are_of_the_callers_address_and_changes_lose_no_request(world: Any) -> None:
    def ip_set(name: str, address: str) -> str:
        words = {"Name": name, "Scope": "REGIONAL", "IPAddressVersion": "IPV4"}
        return str(world.wafv2.create_ip_set(**words, Addresses=[address])["Summary"]["ARN"])

    limited = {"RateBasedStatement": {"Limit": 20, "EvaluationWindowSec": 60, "AggregateKeyType": "IP"}}
    blocked = {"IPSetReferenceStatement": {"ARN": ip_set("blocked", "127.0.0.66/32")}}
    allowed = {"IPSetReferenceStatement": {"ARN": ip_set("allowed", "127.0.0.77/32")}}
    acl = made(
        world.wafv2,
        rule(0, "allowed", "Allow", allowed),
        rule(1, "blocked", "Block", blocked),
        rule(2, "rate", "Block", limited),
        *rules(),
    )
    page = Sent("GET", "/", {"User-Agent": web_requests.BROWSER})
    injection = Sent("GET", "/?id=1'+OR+'1'='1", {"User-Agent": web_requests.BROWSER})
    look(world)
    answers: list[int] = []
    stop = threading.Event()

    def keep_asking() -> None:
        while not stop.is_set():
            answers.extend(send(world, page, source="127.0.0.77"))

    asking = threading.Thread(target=keep_asking)
    asking.start()
    for arn in (acl["ARN"], None, acl["ARN"]):
        look(world, arn)
        time.sleep(0.3)
    stop.set()
    asking.join()
    assert Counter(answers).keys() == {200}

    assert send(world, page, source="127.0.0.66") == [403]
    assert send(world, injection, source="127.0.0.77") == [200]
    assert send(world, injection) == [403]
    assert send(world, *[page] * 25, source="127.0.0.5") == [200] * 20 + [403] * 5
    assert send(world, page, source="127.0.0.6") == [200]
    look(world)  # without a web ACL nobody is asked
    assert send(world, injection, source="127.0.0.66") == [200]


def test_without_the_engine_a_request_is_refused_as_waf_closes(world: Any) -> None:
    acl = made(world.wafv2, *rules())
    look(world, acl["ARN"])
    os.kill(world.engine.pid, 9)
    eventually(lambda: world.engine.pid is None)
    page = Sent("GET", "/", {"User-Agent": web_requests.BROWSER})
    assert send(world, page) == [500]
    look(world, acl["ARN"])
    assert send(world, page) == [200]
