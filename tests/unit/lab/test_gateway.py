"""API Gateway: real requests to an HTTP API's name, answered by a function that really runs."""

from __future__ import annotations

import base64
import http.client
import io
import json
import os
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from lab import backends, config, netns, pki, services
from lab.server import build_app, serve
from lab.services.acm.certificates import proof
from lab.services.apigatewayv2 import access_log, controller
from lab.services.apigatewayv2.routes import Bucket, choose

HANDLER = """
import base64, json, time
def handler(event, context):
    path = event["rawPath"]
    if path.endswith("boom"):
        raise ValueError("x")
    if path.endswith("slow"):
        time.sleep(5)
    if path.endswith("plain"):
        return {"just": "data"}
    if path.endswith("bytes"):
        return {"statusCode": 200, "body": base64.b64encode(bytes([0, 255])).decode(), "isBase64Encoded": True}
    return {"statusCode": 201, "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "evil"},
            "cookies": ["a=1", "b=2"], "body": json.dumps(event)}
"""
ROUTES = ("GET /users/{id}", "ANY /files/{path+}", "POST /users", "GET /boom", "GET /slow", "GET /plain", "GET /bytes")
ORIGIN = "https://www.example.test"


def test_a_route_that_says_more_of_the_path_is_taken_first() -> None:
    keys = ("$default", "ANY /{all+}", "ANY /users/{id}", "GET /users/{id}", "GET /users/me")
    taken = {
        path: found.key for path in ("/users/me", "/users/7", "/users/7/x", "/") if (found := choose(keys, "GET", path))
    }
    assert taken == {
        "/users/me": "GET /users/me",
        "/users/7": "GET /users/{id}",
        "/users/7/x": "ANY /{all+}",
        "/": "$default",
    }
    found = choose(keys, "PUT", "/users/7")
    assert found
    assert (found.key, found.parameters) == ("ANY /users/{id}", {"id": "7"})
    assert choose(("GET /a",), "GET", "/a/b") is None


def test_a_route_takes_a_burst_and_then_its_rate() -> None:
    now = [0.0]
    bucket = Bucket(2, 3, lambda: now[0])
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now[0] = 0.5
    assert [bucket.take() for _ in range(2)] == [True, False]


def test_the_access_log_says_a_dash_for_what_a_request_has_not() -> None:
    text = access_log.line(
        '$context.status "$context.identity.sourceIp" $context.error.message.',
        {"status": 200, "identity.sourceIp": "::1"},
    )
    assert text == '200 "::1" -.'


class Api:
    """An HTTP API before one function, in an account of its own."""

    def __init__(self) -> None:
        self.server = serve(build_app(lambda: None), ("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.ports[0]}"
        services.install(machines=False, endpoint=self.url)
        for service in ("apigatewayv2", "lambda", "iam", "logs", "acm", "sts", "route53"):
            for backend in backends.regions(service):
                backend.reset()
        self.gateway, self.iam = self.client("apigatewayv2"), self.client("iam")
        self.client("logs").create_log_group(logGroupName="access")
        group = f"arn:aws:logs:us-east-1:{config.ACCOUNT}:log-group:access"
        cors = {"AllowOrigins": [ORIGIN], "AllowMethods": ["GET"], "AllowHeaders": ["authorization"], "MaxAge": 300}
        made = self.gateway.create_api(Name="demo", ProtocolType="HTTP", CorsConfiguration=cors)
        self.id, self.host = made["ApiId"], made["ApiEndpoint"].removeprefix("https://")
        self.function = self._function()
        wanted = {"IntegrationType": "AWS_PROXY", "IntegrationUri": self.function, "PayloadFormatVersion": "2.0"}
        self.integration = self.gateway.create_integration(ApiId=self.id, **wanted)["IntegrationId"]
        for key in ROUTES:
            self.route(key)
        log = {"DestinationArn": group, "Format": "$context.routeKey $context.status $context.integrationErrorMessage"}
        self.gateway.create_stage(ApiId=self.id, StageName="$default", AutoDeploy=True, AccessLogSettings=log)

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "AKIAUNITTESTSONLY000", "aws_secret_access_key": "never-a-real-secret"}
        return boto3.client(service, region_name="us-east-1", endpoint_url=self.url, **keys)

    def _function(self) -> str:
        statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        role = self.iam.create_role(RoleName="f", AssumeRolePolicyDocument=json.dumps({"Statement": [statement]}))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", HANDLER)
        made = self.client("lambda").create_function(
            FunctionName="f",
            Handler="app.handler",
            Runtime="python3.13",
            Role=role["Role"]["Arn"],
            Timeout=10,
            Code={"ZipFile": packed.getvalue()},
        )
        return str(made["FunctionArn"])

    def route(self, key: str, **more: Any) -> str:
        made = self.gateway.create_route(ApiId=self.id, RouteKey=key, Target=f"integrations/{self.integration}", **more)
        return str(made["RouteId"])

    def permit(self) -> None:
        source = f"arn:aws:execute-api:us-east-1:{config.ACCOUNT}:{self.id}/*/*"
        self.client("lambda").add_permission(
            FunctionName="f",
            StatementId="gateway",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=source,
        )

    def ask(self, method: str, path: str, body: bytes | None = None, host: str = "", **headers: str) -> Any:
        """Status, headers and text; keyword arguments are headers, with _ for -."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.ports[0])
        sent = {"Host": host or self.host, **{key.replace("_", "-"): value for key, value in headers.items()}}
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return SimpleNamespace(
            status=response.status, headers=response.headers, data=data, json=lambda: json.loads(data)
        )

    def log(self) -> list[str]:
        found = self.client("logs").filter_log_events(logGroupName="access")["events"]
        return [event["message"] for event in found]


@pytest.fixture(scope="module")
def bare() -> Iterator[Api]:
    """The API, which its function does not let in yet."""
    kept = config.MAILBOX, config.LAMBDA, config.PKI, config.CA_CERT
    with tempfile.TemporaryDirectory() as scratch:  # not tmp_path: only root may pass through that
        Path(scratch).chmod(0o755)
        config.keep_apart(Path(scratch))
        made = Api()
        assert made.ask("GET", "/users/7").status == 500, "the function has not permitted the API"
        made.permit()
        yield made
        made.server.stop()
        services.close()
        services.uninstall()
    config.MAILBOX, config.LAMBDA, config.PKI, config.CA_CERT = kept


@pytest.fixture
def api(bare: Api) -> Api:
    return bare


def test_without_permission_the_log_says_what_the_client_does_not_learn(api: Api) -> None:
    assert api.log()[0].startswith("GET /users/{id} 500 The IAM role configured on the integration or API Gateway")


def test_a_function_that_has_no_room_is_out_of_service(api: Api) -> None:
    functions = api.client("lambda")
    functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    try:
        found = api.ask("GET", "/users/7")
    finally:
        functions.delete_function_concurrency(FunctionName="f")
    assert (found.status, api.log()[-1]) == (503, "GET /users/{id} 503 Rate Exceeded.")


def test_a_function_gets_the_request_and_its_response_comes_back(api: Api) -> None:
    found = api.ask("GET", "/users/a%20b?x=1&x=2&y=", cookie="k=v; l=w", user_agent="me")
    assert found.status == 201
    assert found.headers["Content-Type"] == "application/json"
    assert found.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    event = found.json()
    assert event["version"] == "2.0"
    assert event["routeKey"] == "GET /users/{id}"
    assert event["pathParameters"] == {"id": "a b"}
    assert event["queryStringParameters"] == {"x": "1,2", "y": ""}
    assert event["cookies"] == ["k=v", "l=w"]
    assert event["requestContext"]["http"]["userAgent"] == "me"
    assert event["requestContext"]["stage"] == "$default"
    assert "body" not in event


def test_text_is_sent_as_it_is_and_all_else_in_base64(api: Api) -> None:
    text = api.ask("POST", "/users", '{"ä": 1}'.encode(), content_type="application/json").json()
    assert (text["body"], text["isBase64Encoded"]) == ('{"ä": 1}', False)
    data = api.ask("POST", "/users", b"\x00\xff", content_type="application/octet-stream").json()
    assert (base64.b64decode(data["body"]), data["isBase64Encoded"]) == (b"\x00\xff", True)
    assert api.ask("GET", "/bytes").data == b"\x00\xff"
    assert api.ask("GET", "/plain").json() == {"just": "data"}


def test_what_is_not_there_is_404_and_what_fails_500(api: Api) -> None:
    assert (api.ask("GET", "/nope").status, api.ask("PUT", "/users/7").status) == (404, 404)
    assert api.ask("GET", "/", host="aaaaaaaa.execute-api.us-east-1.amazonaws.com").json() == {"message": "Not Found"}
    failed = api.ask("GET", "/boom")
    assert (failed.status, failed.json()) == (500, {"message": "Internal Server Error"})
    assert "GET /boom 500 The Lambda function returned the following error: x" in api.log()


def test_a_function_that_takes_longer_than_its_integration_is_503(api: Api) -> None:
    api.gateway.update_integration(ApiId=api.id, IntegrationId=api.integration, TimeoutInMillis=1000)
    assert api.ask("GET", "/slow").status == 503
    api.gateway.update_integration(ApiId=api.id, IntegrationId=api.integration, TimeoutInMillis=30000)
    with pytest.raises(ClientError, match="30000 ms"):
        api.gateway.create_integration(
            ApiId=api.id, IntegrationType="AWS_PROXY", IntegrationUri=api.function, TimeoutInMillis=30001
        )


def test_a_browser_is_told_which_pages_may_ask(api: Api) -> None:
    asked = api.ask("OPTIONS", "/users/7", origin=ORIGIN, access_control_request_method="GET")
    assert asked.status == 204
    assert asked.headers["access-control-allow-origin"] == ORIGIN
    assert asked.headers["access-control-allow-headers"] == "authorization"
    assert asked.headers["access-control-max-age"] == "300"
    assert api.ask("GET", "/users/7", origin=ORIGIN).headers.get_all("access-control-allow-origin") == [ORIGIN]
    other = api.ask("OPTIONS", "/users/7", origin="https://evil.test", access_control_request_method="GET")
    assert (other.status, other.headers["access-control-allow-origin"]) == (204, None)


def test_a_stage_takes_no_more_than_its_rate(api: Api) -> None:
    limits = {"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 0.01}
    api.gateway.update_stage(ApiId=api.id, StageName="$default", RouteSettings={"GET /plain": limits})
    assert [api.ask("GET", "/plain").status for _ in range(3)] == [200, 200, 429]
    assert api.ask("GET", "/users/7").status == 201, "another route has its own limit"
    api.gateway.update_stage(ApiId=api.id, StageName="$default", RouteSettings={})


def sign(api: Api, path: str, key: dict[str, str], service: str = "execute-api") -> dict[str, str]:
    request = AWSRequest("GET", f"https://{api.host}{path}")
    credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"], key.get("SessionToken"))
    SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    return {name.replace("-", "_"): value for name, value in request.headers.items()}


@pytest.fixture
def key(api: Api) -> Iterator[tuple[str, dict[str, str]]]:
    """The name and an access key of a user who may call one route."""
    api.iam.create_user(UserName="reader")
    resource = f"arn:aws:execute-api:us-east-1:{config.ACCOUNT}:{api.id}/$default/GET/reports/*"
    allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}
    api.iam.put_user_policy(
        UserName="reader",
        PolicyName="p",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )
    routes = [api.route(f"GET /{name}/{{day}}", AuthorizationType="AWS_IAM") for name in ("reports", "secrets")]
    yield "reader", api.iam.create_access_key(UserName="reader")["AccessKey"]
    for route in routes:
        api.gateway.delete_route(ApiId=api.id, RouteId=route)


def test_a_route_for_signed_requests_takes_those_of_who_may_call_it(api: Api, key: tuple[str, dict[str, str]]) -> None:
    name, own = key
    path = "/reports/a%20b?format=csv&b=1"
    found = api.ask("GET", path, **sign(api, path, own))
    assert found.status == 201
    assert found.json()["requestContext"]["authorizer"]["iam"]["userArn"].endswith(f"user/{name}")
    refused = {
        "unsigned": api.ask("GET", path),
        "another path": api.ask("GET", "/reports/b", **sign(api, path, own)),
        "another service": api.ask("GET", path, **sign(api, path, own, "s3")),
        "a wrong secret": api.ask("GET", path, **sign(api, path, {**own, "SecretAccessKey": "x"})),
        "a route that the policy has not": api.ask("GET", "/secrets/b", **sign(api, "/secrets/b", own)),
    }
    assert {what: answer.status for what, answer in refused.items()} == dict.fromkeys(refused, 403)
    assert api.ask("GET", "/reports/b").json() == {"message": "Forbidden"}


@pytest.fixture
def named(api: Api) -> str:
    """reports.example.test, with a certificate that is issued, before the API."""
    zone = api.client("route53").create_hosted_zone(Name="example.test", CallerReference="1")["HostedZone"]["Id"]
    arn = api.client("acm").request_certificate(DomainName="reports.example.test", ValidationMethod="DNS")
    wanted = {"CertificateArn": arn["CertificateArn"], "EndpointType": "REGIONAL"}
    with pytest.raises(ClientError, match="must be issued"):
        api.gateway.create_domain_name(DomainName="reports.example.test", DomainNameConfigurations=[wanted])
    record = proof("reports.example.test")
    change = {"Name": record["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}
    api.client("route53").change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": change}]}
    )
    with pytest.raises(ClientError, match="does not cover"):
        api.gateway.create_domain_name(DomainName="other.example.test", DomainNameConfigurations=[wanted])
    api.gateway.create_domain_name(
        DomainName="reports.example.test", DomainNameConfigurations=[wanted], Tags={"Stack": "demo"}
    )
    api.gateway.create_api_mapping(
        DomainName="reports.example.test", ApiId=api.id, Stage="$default", ApiMappingKey="v1"
    )
    return str(arn["CertificateArn"])


def test_a_domain_name_leads_to_the_stage_that_it_maps(api: Api, named: str) -> None:
    host = "reports.example.test"
    found = api.ask("GET", "/v1/users/7", host=host).json()
    assert found["requestContext"]["domainName"] == host
    assert found["pathParameters"] == {"id": "7"}
    assert api.ask("GET", "/users/7", host=host).status == 404
    shown = api.gateway.get_domain_name(DomainName=host)
    target = shown["DomainNameConfigurations"][0]["ApiGatewayDomainName"]
    assert (target, config.API_GATEWAY_ADDRESS) in set(services.names())
    assert shown["Tags"] == {"Stack": "demo"}
    api.gateway.tag_resource(ResourceArn=f"arn:aws:apigateway:us-east-1::/domainnames/{host}", Tags={"More": "x"})
    assert api.gateway.get_domain_names()["Items"][0]["Tags"] == {"Stack": "demo", "More": "x"}
    api.gateway.update_api(ApiId=api.id, DisableExecuteApiEndpoint=True)
    assert api.ask("GET", "/users/7").status == 404
    assert api.ask("GET", "/v1/users/7", host=host).status == 201
    api.gateway.update_api(ApiId=api.id, DisableExecuteApiEndpoint=False)
    with pytest.raises(ClientError, match="mappings"):
        api.gateway.delete_api(ApiId=api.id)
    with pytest.raises(ClientError, match="domainnames/reports.example.test"):
        api.client("acm").delete_certificate(CertificateArn=named)
    api.gateway.delete_domain_name(DomainName=host)
    assert api.gateway.get_domain_names()["Items"] == []


@pytest.fixture
def outside_world(api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[controller.Gateways]:
    """An internet of the test's own with the API; so a lab may run beside it."""
    if os.geteuid() != 0 or not shutil.which("haproxy"):
        pytest.skip("needs root and haproxy")
    name, run = f"t3w{os.getpid()}", Path(tempfile.mkdtemp(prefix="t3"))
    settings = {"BRIDGE": name, "INTERNET": "203.0.113.0/24", "HOST_ADDRESS": "203.0.113.1", "RUN": run}
    for setting, value in {**settings, "API_GATEWAY_ADDRESS": "203.0.113.253"}.items():
        monkeypatch.setattr(config, setting, value)
    monkeypatch.setattr(controller, "NAMESPACE", f"{name}-gw")
    monkeypatch.setattr(controller, "_DEVICE", f"{name}g")
    netns.ip("link", "add", name, "type", "bridge")
    netns.ip("addr", "add", f"{config.HOST_ADDRESS}/24", "dev", name)
    netns.ip("link", "set", name, "up")
    pki.ensure_authority()
    server = serve(build_app(lambda: None), (config.HOST_ADDRESS, config.API_PORT))
    gateways = controller.Gateways()
    yield gateways
    gateways.close()
    server.stop()
    netns.ip("link", "del", name)
    shutil.rmtree(run)


def test_the_name_of_an_api_is_served_by_tls_alone(api: Api, outside_world: controller.Gateways) -> None:
    end = time.monotonic() + 30
    while (again := outside_world.reconcile("gateway")) is not None and time.monotonic() < end:
        time.sleep(again)
    resolve = ["--resolve", f"{api.host}:443:{config.API_GATEWAY_ADDRESS}"]

    def curl(*words: str) -> subprocess.CompletedProcess[str]:
        command = ["curl", "-sS", "--max-time", "10", "--cacert", str(config.CA_CERT), *resolve, *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    found = curl("-w", "\n%{http_version}", "-H", "X-Forwarded-For: 9.9.9.9", f"https://{api.host}/users/7")
    body, _, version = found.stdout.rpartition("\n")
    assert version == "2", found.stderr
    assert json.loads(body)["requestContext"]["http"]["sourceIp"] == config.HOST_ADDRESS
    assert curl("--tls-max", "1.1", f"https://{api.host}/users/7").returncode != 0
    plain = subprocess.run(["curl", "-sS", f"http://{config.API_GATEWAY_ADDRESS}/"], capture_output=True, check=False)
    assert plain.returncode == 7  # nobody listens
