"""Load balancers: the configuration as HAProxy takes it, the checks, and both together in a namespace."""

from __future__ import annotations

import dataclasses
import http.server
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab import backends, config, faults, netns
from lab.services.elbv2 import controller as balancers
from lab.services.elbv2 import load_balancers as elbv2
from lab.services.elbv2 import store
from lab.services.elbv2.haproxy import Listener, Pool, Server, Settings, order, render
from lab.services.elbv2.health_checks import Check, Tally, matches, probe
from lab.services.wafv2.controller import Firewall

from .test_web_acls import group, made

ARN = "arn:tg"
CHECK = Check("HTTP", "127.0.0.1", 1, "/", 5, 1, healthy=3, unhealthy=2, codes="200")
BAD = ("unhealthy", "Target.Timeout", "Request timed out")


def rule(action: dict[str, Any], *conditions: dict[str, Any], priority: Any = "default") -> Any:
    return SimpleNamespace(
        conditions=list(conditions),
        actions=[SimpleNamespace(data=action)],
        priority=priority,
        is_default=priority == "default",
    )


def settings(*rules: Any, servers: tuple[Server, ...] = (), **more: Any) -> Settings:
    pool = Pool("demo", servers)
    return Settings(
        ("127.0.0.1",), (Listener(more.pop("port", 18080), order(rules)),), {ARN: pool}, "/run/x.sock", **more
    )


def test_haproxy_takes_every_kind_of_rule(tmp_path: Path) -> None:
    conditions = [
        {"Field": "path-pattern", "Values": ["/api/*", "/it's?"]},
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.org"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-A", "Values": ["b*"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET", "HEAD"]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "1*"}, {"Value": "x"}]}},
    ]
    fixed = {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no 'such' \"thing\""}
    weights = [{"TargetGroupArn": ARN, "Weight": 1}, {"TargetGroupArn": ARN, "Weight": 3}]
    text = render(
        settings(
            rule({"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}),
            rule({"Type": "fixed-response", "FixedResponseConfig": fixed}, *conditions, priority="20"),
            rule(
                {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}},
                priority="3",
            ),
            servers=(Server("i-1", "10.0.0.1", 5000),),
            drop_invalid_headers=True,
        )
    )
    path = tmp_path / "haproxy.cfg"
    path.write_text(text)
    found = subprocess.run(["haproxy", "-c", "-f", str(path)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert "WARNING" not in found.stderr, found.stderr


def test_rules_come_in_order_of_priority_with_the_default_last() -> None:
    rules = [rule({}, priority=priority) for priority in ("default", "20", "3", "100")]
    assert [found.priority for found in order(rules)] == ["3", "20", "100", "default"]


@pytest.mark.parametrize(("codes", "good", "bad"), [("200", 200, 201), ("200,204", 204, 203), ("200-399", 301, 404)])
def test_codes_of_a_matcher(codes: str, good: int, bad: int) -> None:
    assert matches(good, codes)
    assert not matches(bad, codes)


def test_a_new_target_needs_one_good_answer_an_old_one_its_threshold() -> None:
    tally = Tally()
    assert tally.take(BAD, CHECK)[0] == "initial"
    assert tally.take(elbv2.HEALTHY, CHECK)[0] == "healthy"
    assert [tally.take(BAD, CHECK)[0] for _ in range(2)] == ["healthy", "unhealthy"]
    assert [tally.take(elbv2.HEALTHY, CHECK)[0] for _ in range(3)] == ["unhealthy", "unhealthy", "healthy"]


class Backend:
    """A small web server: says its name, or fails if told so."""

    def __init__(self, name: str, delay: float = 0) -> None:
        self.fails = False
        backend = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/slow":
                    time.sleep(delay)
                body = f"{name} {self.headers.get('X-Forwarded-Port')} {self.headers.get('X-Forwarded-For')}".encode()
                self.send_response(500 if backend.fails else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self._server.allow_reuse_address = True
        self._make = self._server

    def start_in(self, ns: str, address: str) -> None:
        def make() -> Any:
            import socket

            return socket.create_server((address, 5000))

        self._server.socket.close()
        self._server.socket = netns.socket_in(ns, make)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_a_refused_connection_is_a_failed_check() -> None:
    assert probe(CHECK) == ("unhealthy", "Target.FailedHealthChecks", "Health checks failed")


def eventually(question: Callable[[], Any], deadline: float = 15) -> Any:
    end = time.monotonic() + deadline
    while not (answer := question()):
        assert time.monotonic() < end, "it did not come to this in time"
        time.sleep(0.1)
    return answer


@pytest.fixture
def world(machines: None, client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A balancer of the API, its namespace with the targets' addresses in it, and two targets."""
    if os.geteuid() != 0 or not shutil.which("haproxy"):
        pytest.skip("needs root and haproxy")
    run = Path(tempfile.mkdtemp(prefix="t3"))  # short: a socket's path may have 100 letters at most
    monkeypatch.setattr(config, "RUN", run)
    monkeypatch.setattr(config, "PREFIX", f"t3test{os.getpid()}-")
    ec2, elb = client("ec2"), client("elbv2")
    subnets = ec2.describe_subnets()["Subnets"][:2]
    vpc = subnets[0]["VpcId"]
    group = elb.create_target_group(
        Name="demo",
        Protocol="HTTP",
        Port=5000,
        VpcId=vpc,
        TargetType="ip",
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
        HealthCheckPath="/",
    )["TargetGroups"][0]["TargetGroupArn"]
    backends.backend("elbv2", "us-east-1").target_groups[group].health_check_interval_seconds = 0.3
    made = elb.create_load_balancer(Name="demo", Subnets=[subnet["SubnetId"] for subnet in subnets])["LoadBalancers"][0]
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    elb.create_listener(LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward)
    controller = balancers.LoadBalancers(lambda: None)
    look(controller)
    (port,) = controller.ports()
    netns.add(port.namespace)
    servers = {"127.0.1.1": Backend("one", 2), "127.0.1.2": Backend("two", 2)}
    for address in port.addresses:
        netns.ip("addr", "add", f"{address}/32", "dev", "lo", ns=port.namespace)
    for address, server in servers.items():
        server.start_in(port.namespace, address)
    found = SimpleNamespace(
        elb=elb, group=group, arn=made["LoadBalancerArn"], controller=controller, port=port, servers=servers
    )
    found.states = lambda: {
        seen["Target"]["Id"]: seen["TargetHealth"]["State"]
        for seen in elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    }
    proxy = store.stores.at(config.ACCOUNT, "us-east-1").proxies[made["LoadBalancerArn"]]._proxy

    def loaded() -> bool:
        """Whether the newest worker runs what the states call for, and alone."""
        return bool(proxy.settled(proxy._config))

    found.loaded = loaded
    found.curl = lambda path="/": netns.run_in(
        port.namespace, ["sh", "-c", f"curl -s -m 10 -w ' %{{http_code}}' http://{port.addresses[0]}{path} || true"]
    )
    yield found
    controller.close()
    for server in servers.values():
        server.stop()
    netns.delete(port.namespace)
    shutil.rmtree(run)


def test_a_listeners_certificate_is_handed_to_the_proxy_with_its_key(machines: None, client: Any) -> None:
    arn = client("acm").request_certificate(DomainName="shop.example", ValidationMethod="DNS")["CertificateArn"]
    balancer = balancers.LoadBalancer.__new__(balancers.LoadBalancer)
    balancer.backend = backends.backend("elbv2", "us-east-1")
    balancer._proxy = SimpleNamespace(home=Path("/there"))  # type: ignore[assignment]
    files: dict[str, str] = {}
    path = balancer._certificate(SimpleNamespace(certificate=arn), files)
    ((name, text),) = files.items()
    assert path == f"/there/{name}"
    assert text.count("BEGIN CERTIFICATE") >= 1
    assert "PRIVATE KEY" in text


def look(controller: Any) -> None:
    for key in list(controller.keys()):
        controller.reconcile(key)


def settle(world: Any, states: dict[str, str]) -> None:
    def there() -> bool:
        look(world.controller)
        return bool(world.states() == states)

    eventually(there)
    eventually(lambda: look(world.controller) or world.loaded())


def test_a_balancer_serves_its_healthy_targets_in_turn_and_drains_the_others(world: Any) -> None:
    assert len(world.port.addresses) == 2
    assert set(world.port.public.values()) == {"198.51.100.16", "198.51.100.17"}
    eventually(
        lambda: (
            look(world.controller)
            or world.elb.describe_load_balancers()["LoadBalancers"][0]["State"]["Code"] == "active"
        )
    )
    assert world.curl().endswith(" 503")
    targets = [{"Id": address} for address in world.servers]
    world.elb.register_targets(TargetGroupArn=world.group, Targets=targets)
    assert set(world.states().values()) == {"initial"}
    settle(world, dict.fromkeys(world.servers, "healthy"))
    answers = [world.curl() for _ in range(4)]
    assert [answer.split()[0] for answer in answers].count("one") == 2
    assert answers[0].split()[1:] == ["80", world.port.addresses[0], "200"]

    world.servers["127.0.1.1"].fails = True
    settle(world, {"127.0.1.1": "unhealthy", "127.0.1.2": "healthy"})
    assert {world.curl().split()[0] for _ in range(4)} == {"two"}
    world.servers["127.0.1.1"].fails = False
    settle(world, dict.fromkeys(world.servers, "healthy"))

    slow: list[str] = []
    threads = [threading.Thread(target=lambda: slow.append(world.curl("/slow"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    world.elb.deregister_targets(TargetGroupArn=world.group, Targets=targets[:1])
    look(world.controller)
    assert world.states() == {"127.0.1.1": "draining", "127.0.1.2": "healthy"}
    eventually(lambda: {world.curl().split()[0] for _ in range(3)} == {"two"}, 1.2)  # before the slow ones end
    for thread in threads:
        thread.join()
    assert sorted(answer.split()[0] for answer in slow) == ["one", "two"]
    assert {answer.split()[-1] for answer in slow} == {"200"}
    settle(world, {"127.0.1.2": "healthy"})

    world.servers["127.0.1.2"].fails = True
    settle(world, {"127.0.1.2": "unhealthy"})
    assert world.curl().split()[0] == "two"  # none is healthy: fail open
    world.servers["127.0.1.2"].stop()
    assert world.curl().endswith(" 502")


def test_a_deleted_balancer_leaves_nothing(world: Any, client: Any) -> None:
    look(world.controller)
    (pid,) = [row["behind"].split()[1] for row in world.controller.status()]
    assert Path(f"/proc/{pid}").exists()
    world.elb.delete_load_balancer(LoadBalancerArn=world.arn)
    look(world.controller)
    assert not Path(f"/proc/{pid}").exists()
    assert list(world.controller.ports()) == []
    assert client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []


def test_a_namespace_made_anew_gets_a_new_proxy(world: Any) -> None:
    look(world.controller)
    (before,) = [row["behind"].split()[1] for row in world.controller.status()]
    netns.delete(world.port.namespace)
    netns.add(world.port.namespace)
    for address in world.port.addresses:
        netns.ip("addr", "add", f"{address}/32", "dev", "lo", ns=world.port.namespace)
    look(world.controller)
    (after,) = [row["behind"].split()[1] for row in world.controller.status()]
    assert after != before
    assert eventually(lambda: world.curl().endswith(" 503"))


def test_a_balancer_asks_the_web_acl_that_it_is_associated_with(world: Any, client: Any) -> None:
    if not shutil.which("mmdebstrap"):
        pytest.skip("needs mmdebstrap")
    wafv2, engine = client("wafv2"), Firewall()
    acl = made(wafv2, group(1, "AWSManagedRulesSQLiRuleSet"))["ARN"]
    injection = "/?id=1%27+OR+%271%27=%271"

    def answers(code: int) -> bool:
        for key in list(engine.keys()):
            engine.reconcile(key)
        look(world.controller)
        return bool(world.loaded() and world.curl(injection).endswith(f" {code}"))

    try:
        eventually(lambda: answers(503))  # there is no target
        wafv2.associate_web_acl(WebACLArn=acl, ResourceArn=world.arn)
        eventually(lambda: answers(403), deadline=120)  # an image may have to be built first
        assert world.curl().endswith(" 503")
        wafv2.disassociate_web_acl(ResourceArn=world.arn)
        eventually(lambda: answers(503))
    finally:
        engine.close()


def test_a_node_whose_zone_is_cut_off_is_left_out_of_the_name_and_asks_no_target(monkeypatch: Any) -> None:
    nodes = {zone: SimpleNamespace(subnet=SimpleNamespace(availability_zone=zone)) for zone in ("a", "b")}
    assert elbv2.connected(nodes) == [nodes["a"], nodes["b"]]
    monkeypatch.setattr(faults, "zones_cut_off", {"a"})
    assert elbv2.connected(nodes) == [nodes["b"]]
    monkeypatch.setattr(faults, "zones_cut_off", {"a", "b"})
    assert elbv2.connected(nodes) == [nodes["a"], nodes["b"]]
    forward = rule({"Type": "forward", "TargetGroupArn": ARN})
    text = render(settings(forward, servers=(Server("i-1", "127.0.0.3", 80),), source="127.0.0.2"))
    assert "  source 127.0.0.2\n" in text.partition("backend demo")[2]


def test_a_target_is_asked_from_the_address_that_is_given() -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.client_address[0])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        check = dataclasses.replace(CHECK, port=server.server_port, source="127.0.0.9")
        assert probe(check) == elbv2.HEALTHY
        server.shutdown()
    assert asked == ["127.0.0.9"]
