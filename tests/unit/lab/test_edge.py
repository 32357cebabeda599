"""The edge of CloudFront: real requests through HAProxy and Varnish to a closed bucket and to a host."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab import config, netns, outside, pki
from lab.server import build_app, serve
from lab.services.cloudfront import controller, distributions
from lab.services.cloudfront.vcl import pattern, response_headers
from lab.services.wafv2.controller import Firewall

from .test_distributions import configuration, listed
from .test_web_acls import group, made

DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
SECURITY = "67f7725c-6f97-4210-82d7-5512b31e9d03"


@pytest.mark.parametrize(
    ("path", "fits", "not_"),
    [("/api/*", "/api/v1/x", "/apis"), ("*.js", "/a/b.js", "/a/b.jsx"), ("im/?.png", "/im/a.png", "/im/ab.png")],
)
def test_a_path_pattern_is_a_shells_and_not_an_expression(path: str, fits: str, not_: str) -> None:
    assert re.search(pattern(path), fits)
    assert not re.search(pattern(path), not_)


def test_a_header_that_overrides_nothing_leaves_the_origins() -> None:
    policy = {
        "SecurityHeadersConfig": {"FrameOptions": {"FrameOption": "DENY", "Override": False}},
        "CustomHeadersConfig": listed({"Header": "X-A", "Value": '{"a": "b"}', "Override": True}),
        "RemoveHeadersConfig": listed({"Header": "Server"}),
    }
    assert response_headers(policy) == [
        "unset resp.http.Server;",
        'if (!resp.http.X-Frame-Options) { set resp.http.X-Frame-Options = {"DENY"}; }',
        'set resp.http.X-A = {"{"a": "b""} + {"}"};',
    ]


class Host(http.server.BaseHTTPRequestHandler):
    """Says what it was asked, as JSON."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        seen = {key.lower(): value for key, value in self.headers.items()}
        said = json.dumps({"method": self.command, "path": self.path, "headers": seen, "body": body}).encode()
        self.send_response(503 if self.path == "/api/broken" else 200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET

    def log_message(self, *_words: object) -> None:
        """The test's output says enough."""


class Answer(SimpleNamespace):
    """status, headers (names in small letters), body."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def cache(self) -> str:
        return str(self.headers["x-cache"]).removesuffix(" from cloudfront")


@pytest.fixture
def world(machines: None, client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An internet of the test's own with the API, the edge, and a host that speaks TLS; so a lab may run beside it."""
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        pytest.skip("needs root and mmdebstrap")
    name, run = f"t3e{os.getpid()}", Path(tempfile.mkdtemp(prefix="t3"))
    for setting, value in {
        "BRIDGE": name,
        "INTERNET": "203.0.113.0/24",
        "HOST_ADDRESS": "203.0.113.1",
        "EDGE_ADDRESS": "203.0.113.254",
        "RUN": run,
    }.items():
        monkeypatch.setattr(config, setting, value)
    monkeypatch.setattr(controller, "NAMESPACE", f"{name}-edge")
    monkeypatch.setattr(controller, "_DEVICE", f"{name}e")
    netns.ip("link", "add", name, "type", "bridge")
    netns.ip("addr", "add", f"{config.HOST_ADDRESS}/24", "dev", name)
    netns.ip("link", "set", name, "up")
    pki.ensure_authority()
    api = serve(build_app(lambda: None), (config.HOST_ADDRESS, config.API_PORT))
    host = start_host(f"{name}-host", f"{name}h", run)
    edge = controller.Edge(lambda asked: ["203.0.113.30"] if asked == "api.example.test" else [], lambda: None)
    found = SimpleNamespace(client=client("cloudfront"), s3=client("s3"), edge=edge)
    yield found
    edge.close()
    host.shutdown()
    host.server_close()
    api.stop()
    netns.delete(f"{name}-host")
    netns.ip("link", "del", name)
    shutil.rmtree(run)


def start_host(namespace: str, device: str, run: Path) -> http.server.ThreadingHTTPServer:
    outside.ensure(namespace, device, "203.0.113.30")
    certificate, key = pki.issue("api.example.test")
    (run / "host.pem").write_bytes(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(run / "host.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host, bind_and_activate=False)
    server.socket.close()
    plain = netns.socket_in(namespace, lambda: socket.create_server(("203.0.113.30", 443)))
    server.socket = context.wrap_socket(plain, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def site(world: Any) -> Any:
    """A distribution with a closed bucket, a host behind /api/*, and an error page; deployed."""
    world.s3.create_bucket(Bucket="page")
    put(world, "index.html", "<h1>one</h1>", "text/html")
    put(world, "app.js", "let words = 'again and again';\n" * 200, "text/javascript")
    control = world.client.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "page",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )["OriginAccessControl"]["Id"]
    page = {**configuration()["Origins"]["Items"][0], "OriginAccessControlId": control}
    api = {
        "Id": "api",
        "DomainName": "api.example.test",
        "CustomHeaders": listed({"HeaderName": "X-Origin-Verify", "HeaderValue": 'the "}word'}),
        "CustomOriginConfig": {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only",
            "OriginSslProtocols": listed("TLSv1.2"),
        },
    }
    cached = configuration()["DefaultCacheBehavior"]
    passed = {
        **cached,
        "PathPattern": "/api/*",
        "TargetOriginId": "api",
        "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": DISABLED,
        "OriginRequestPolicyId": ALL_BUT_HOST,
        "AllowedMethods": listed("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"),
    }
    group = {
        "Id": "pages",
        "FailoverCriteria": {"StatusCodes": {"Quantity": 1, "Items": [500]}},
        "Members": listed({"OriginId": "page"}, {"OriginId": "api"}),
    }
    made = world.client.create_distribution(
        DistributionConfig=configuration(
            Origins=listed(page, api),
            OriginGroups=listed(group),
            DefaultRootObject="index.html",
            DefaultCacheBehavior={
                **cached,
                "TargetOriginId": "pages",
                "Compress": True,
                "ResponseHeadersPolicyId": SECURITY,
            },
            CacheBehaviors=listed(passed),
            CustomErrorResponses=listed(
                {"ErrorCode": 404, "ResponsePagePath": "/index.html", "ResponseCode": "200", "ErrorCachingMinTTL": 1}
            ),
        )
    )["Distribution"]
    world.id, world.arn, world.name = made["Id"], made["ARN"], made["DomainName"]
    assert made["Status"] == "InProgress"
    begin = time.monotonic()
    eventually(lambda: deployed(world))
    print(f"deployed after {time.monotonic() - begin:.1f} s")
    return world


def deployed(world: Any) -> bool:
    look(world)
    return bool(world.client.get_distribution(Id=world.id)["Distribution"]["Status"] == "Deployed")


def look(world: Any) -> None:
    for key in list(world.edge.keys()):
        world.edge.reconcile(key)


def eventually(question: Callable[[], Any], deadline: float = 240) -> Any:
    """The deadline is that of an image that has to be built first."""
    end = time.monotonic() + deadline
    while not (answer := question()):
        assert time.monotonic() < end, "it did not come to this in time"
        time.sleep(0.1)
    return answer


def put(world: Any, key: str, text: str, kind: str) -> None:
    world.s3.put_object(Bucket="page", Key=key, Body=text.encode(), ContentType=kind)


def allow(world: Any, arn: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::page/*",
        "Condition": {"StringEquals": {"aws:SourceArn": arn}},
    }
    listing = {**statement, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::page"}
    policy = {"Version": "2012-10-17", "Statement": [statement, listing]}
    world.s3.put_bucket_policy(Bucket="page", Policy=json.dumps(policy))


def curl(world: Any, path: str, *options: str, scheme: str = "https", name: str = "") -> Answer:
    host = name or world.name
    ports = ["--resolve", f"{host}:80:{config.EDGE_ADDRESS}", "--resolve", f"{host}:443:{config.EDGE_ADDRESS}"]
    command = ["curl", "-s", "-i", "-m", "20", "--noproxy", "*", "--cacert", str(config.CA_CERT), *ports, *options]
    done = subprocess.run([*command, f"{scheme}://{host}{path}"], capture_output=True, text=True, check=False)
    if done.returncode:
        return Answer(status=0, headers={}, body="", code=done.returncode)
    head, _, body = done.stdout.partition("\n\n")
    status, *lines = head.splitlines()
    headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    return Answer(status=int(status.split()[1]), headers=headers, body=body, code=0)


def test_a_closed_bucket_is_served_to_viewers_and_kept(site: Any) -> None:
    assert curl(site, "/").status == 403  # no policy lets the distribution in
    allow(site, "arn:aws:cloudfront::123456789012:distribution/EANOTHER")
    assert curl(site, "/app.js").status == 403
    allow(site, site.arn)
    invalidate(site, "/*")  # or the errors would be kept for their time

    first, second = curl(site, "/"), curl(site, "/")
    assert (first.status, first.body, first.cache) == (200, "<h1>one</h1>", "Miss")
    assert "age" not in first.headers
    assert second.cache == "Hit"
    assert int(second.headers["age"]) >= 0
    assert second.headers["via"] == f"1.1 {site.name} (CloudFront)"
    assert second.headers["x-amz-cf-pop"]
    assert second.headers["server"] == "AmazonS3"
    assert second.headers["strict-transport-security"] == "max-age=31536000"
    assert second.headers["x-content-type-options"] == "nosniff"
    assert not [name for name in second.headers if name.startswith(("x-edge", "x-varnish", "x-lab"))]
    assert curl(site, "/?query=is+no+part+of+the+key").cache == "Hit"

    put(site, "index.html", "<h1>two</h1>", "text/html")
    assert curl(site, "/").body == "<h1>one</h1>"
    invalidate(site, "/index.html")
    assert curl(site, "/").body == "<h1>two</h1>"

    past = ["curl", "-s", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}"]
    past += ["-H", "Host: page.s3.us-east-1.amazonaws.com", "-H", f"X-Lab-Source-Arn: {site.arn}"]
    asked = subprocess.run([*past, f"http://{config.HOST_ADDRESS}:{config.API_PORT}/index.html"], capture_output=True)
    assert asked.stdout == b"403"  # nobody but the edge signs for a distribution

    missing = curl(site, "/no/such/page")
    assert (missing.status, missing.body, missing.cache) == (200, "<h1>two</h1>", "Error")
    assert curl(site, "/", "-X", "POST", "-d", "x").status == 403

    plain = curl(site, "/app.js")
    assert len(plain.body) == 6200
    assert "content-encoding" not in plain.headers
    packed = curl(site, "/app.js", "-H", "Accept-Encoding: gzip", "-D", "-", "-o", "/dev/null")
    assert packed.headers["content-encoding"] == "gzip"
    part = curl(site, "/app.js", "-H", "Range: bytes=0-3")
    assert (part.status, part.body) == (206, "let ")


def invalidate(site: Any, *paths: str) -> None:
    batch = {"Paths": listed(*paths), "CallerReference": str(time.monotonic())}
    made = site.client.create_invalidation(DistributionId=site.id, InvalidationBatch=batch)["Invalidation"]
    assert made["Status"] == "InProgress"
    look(site)
    seen = site.client.get_invalidation(DistributionId=site.id, Id=made["Id"])["Invalidation"]
    assert seen["Status"] == "Completed"


def test_a_host_is_asked_by_tls_with_the_secret_and_a_change_loses_no_request(site: Any) -> None:
    asked = curl(
        site, "/api/users?page=2", "-X", "POST", "-d", "name=a", "-H", "Cookie: a=b", "-H", "X-Edge-Proto: http"
    )
    seen = json.loads(asked.body)
    assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/api/users?page=2", "name=a")
    assert seen["headers"]["host"] == "api.example.test"
    assert seen["headers"]["x-origin-verify"] == 'the "}word'
    assert seen["headers"]["cookie"] == "a=b"
    assert seen["headers"]["x-forwarded-for"] == config.HOST_ADDRESS
    assert not [name for name in seen["headers"] if name.startswith(("x-edge", "x-lab"))]
    assert [curl(site, "/api/users").cache for _ in range(2)] == ["Miss", "Miss"]
    assert curl(site, "/api/broken").status == 503

    moved = curl(site, "/a?b=c", scheme="http")
    assert (moved.status, moved.headers["location"]) == (301, f"https://{site.name}/a?b=c")
    assert (moved.cache, moved.headers["server"]) == ("Redirect", "CloudFront")
    assert curl(site, "/api/users", scheme="http").status == 403
    assert curl(site, "/", name="other.example.test").code  # no certificate for it
    assert curl(site, "/", "--http2").headers.get("x-cache")
    assert curl(site, "/", name="other.example.test", scheme="http").status == 403

    failed: list[int] = []
    done = threading.Event()

    def keep_asking() -> None:
        while not done.is_set():
            if (status := curl(site, "/api/users").status) != 200:
                failed.append(status)

    asking = threading.Thread(target=keep_asking)
    asking.start()
    change(site, lambda found: found["Origins"]["Items"][1]["CustomHeaders"]["Items"][0].update(HeaderValue="another"))
    assert site.client.get_distribution(Id=site.id)["Distribution"]["Status"] == "InProgress"
    eventually(lambda: deployed(site))
    done.set()
    asking.join()
    assert failed == []
    assert json.loads(curl(site, "/api/users").body)["headers"]["x-origin-verify"] == "another"

    change(site, lambda found: found.update(Enabled=False))
    eventually(lambda: deployed(site))
    assert curl(site, "/").code
    assert [row["behind"] for row in site.edge.status()] == ["nothing"]
    site.client.delete_distribution(Id=site.id, IfMatch=site.client.get_distribution(Id=site.id)["ETag"])
    assert distributions.every() == []


def change(site: Any, how: Callable[[dict[str, Any]], None]) -> None:
    seen = site.client.get_distribution_config(Id=site.id)
    how(seen["DistributionConfig"])
    site.client.update_distribution(Id=site.id, IfMatch=seen["ETag"], DistributionConfig=seen["DistributionConfig"])


def test_a_distribution_behind_a_web_acl_is_asked_for_nothing_that_this_blocks(site: Any, client: Any) -> None:
    allow(site, site.arn)
    acl = made(client("wafv2"), group(1, "AWSManagedRulesSQLiRuleSet"), scope="CLOUDFRONT")
    engine = Firewall()
    try:
        for key in list(engine.keys()):
            engine.reconcile(key)
        known = site.client.get_distribution_config(Id=site.id)
        changed = {**known["DistributionConfig"], "WebACLId": acl["ARN"]}
        site.client.update_distribution(Id=site.id, IfMatch=known["ETag"], DistributionConfig=changed)
        eventually(lambda: deployed(site))
        blocked = curl(site, "/?id=1'+OR+'1'='1")
        assert (blocked.status, blocked.cache) == (403, "Error")
        assert "Request blocked." in blocked.body
        assert json.loads(curl(site, "/api/users", "-d", "name=O'Brien").body)["body"] == "name=O'Brien"
        large = curl(site, "/api/users", "-d", "x" * 100_000)
        assert len(json.loads(large.body)["body"]) == 100_000
        assert curl(site, "/api/users", "-d", "name=1' OR '1'='1", "--http2").status == 403
        assert curl(site, "/").status == 200
    finally:
        engine.close()
