"""The site moves behind CloudFront at a domain of its own and back, while people use it at its old address."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from lab import config
from tests.api import poll

from .conftest import BIN, Run, playbook, run
from .load import Load, Request

PRODUCTION = {"THREETIER_ARCHITECTURE": "production_web"}
SITE = "https://www.example.test"
POLICIES = Path("/etc/chromium/policies/managed")


@pytest.fixture(autouse=True)
def trust(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a browser that has the lab's authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(config.CA_CERT))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def ask(url: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers in small letters, body; a redirect is an answer. Status 0 if nobody answers."""
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(url, timeout=10) as answer:
            return answer.status, {key.lower(): value for key, value in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, {key.lower(): value for key, value in error.headers.items()}, error.read()
    except OSError:
        return 0, {}, b""


def kept(address: str) -> dict[str, Any]:
    """What users have stored, as the API at this address tells it."""
    users, files = (json.loads(ask(f"{address}/api/v1/{noun}?limit=200")[2]) for noun in ("users", "files"))
    return {"users": users["items"], "files": files["items"]}


def hosts(group: str, module: str, arguments: str) -> Run:
    return run(BIN / "ansible", "-i", "inventories/lab", group, "-b", "-m", module, "-a", arguments)


def wrong(doctor: Run) -> list[str]:
    """What the doctor says at its end; not that the function failed of late, which the tests before have planted."""
    if doctor.code == 0:
        return []
    assert doctor.code == 2, doctor.why()
    said = doctor.output.rpartition('"msg": [\n')[2].partition("\n    ]\n")[0]
    lines = [line.strip(' ",') for line in said.splitlines()]
    return [line for line in lines if not line.startswith("function errors ")]


def test_the_site_moves_behind_the_cdn_and_nobody_is_lost(stack, figures):
    before = kept(stack.api)
    with Load(stack.api, rate=5) as old, Load(SITE, rate=3, requests=[Request("/api/v1/alive")]) as new:
        moved = playbook("site", **PRODUCTION)
    assert moved.code == 0, moved.why()
    served = next(answer.begin for answer in sorted(new.answers, key=lambda one: one.begin) if not answer.failed)
    closed = min((answer.begin for answer in old.failed()), default=float("inf"))
    figures["seconds of the move to production_web"] = round(moved.seconds, 1)
    figures["requests meanwhile at the old address until it closed, and lost"] = [
        len([answer for answer in old.answers if answer.begin < closed]),
        len([answer for answer in old.since(closed) if not answer.failed]),
    ]
    assert len(old.answers) > 100
    assert served < closed  # the new way is open before the old one closes,
    assert not new.failed(served), new.failed(served)[:3]
    assert all(answer.failed for answer in old.since(closed))  # and that stays closed
    assert json.loads(ask(f"{SITE}/config.json")[2]) == {"api_base": "/"}
    assert kept(SITE) == before
    again = playbook("site", **PRODUCTION)
    assert (again.code, again.total("changed")) == (0, 0), again.why("changed|fatal")


def test_there_is_no_way_past_the_cdn(stack):
    bucket = f"{stack.name}-frontend-s3-bucket-{config.ACCOUNT}"
    assert ask(stack.page)[0] in (403, 404)
    assert ask(f"http://{config.HOST_ADDRESS}:{config.API_PORT}/{bucket}/index.html")[0] == 403
    assert ask("https://api.example.test/api/v1/alive")[0] in (0, 403)
    for address in (SITE, "https://example.test"):
        status, headers, _ = ask(f"{address}/")
        assert (status, "x-amz-cf-id" in headers) == (200, True)


def test_viewers_get_https_a_cache_and_strict_headers():
    status, headers, _ = ask("http://www.example.test/products")
    assert (status, headers["location"]) == (301, f"{SITE}/products")
    ask(f"{SITE}/style.css")
    status, headers, _ = ask(f"{SITE}/style.css")
    assert (status, headers["x-cache"]) == (200, "Hit from cloudfront")
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    status, headers, body = ask(f"{SITE}/nothing.html")
    assert (status, b"There is nothing here" in body) == (403, True)
    status, headers, body = ask(f"{SITE}/api/v1/users/999999")
    assert (status, "error" in json.loads(body)) == (404, True)  # the API's own words
    assert "miss" in headers["x-cache"].lower() or "error" in headers["x-cache"].lower()


@pytest.mark.parametrize(("version", "spoken"), [("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)])
def test_the_edge_speaks_no_old_tls(version, spoken):
    context = ssl.create_default_context(cafile=str(config.CA_CERT))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # so that this side would
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    line = socket.create_connection(("www.example.test", 443), timeout=10)
    with line, contextlib.nullcontext() if spoken else pytest.raises(ssl.SSLError):
        context.wrap_socket(line, server_hostname="www.example.test").close()


# What testssl.sh holds against the edge, and why it stays.
HARMLESS = {
    "BREACH": "Compression: what is compressed is a page that is the same for everybody and holds no secret.",
    "cert_revocation": "The lab's authority revokes nothing. Amazon's tells where to ask.",
}


def test_testssl_finds_nothing_above_low(tmp_path):
    report = tmp_path / "testssl.json"
    looks = ["--protocols", "--std", "--server-defaults", "--headers", "--vulnerable"]
    told = ["--quiet", "--color", "0", "--warnings", "off", "--fast", "--nodns", "min", "--add-ca", config.CA_CERT]
    done = run("testssl", *told, *looks, "--jsonfile", report, "www.example.test:443")
    assert " Done " in done.output, done.output
    found = {one["id"]: one["severity"] for one in json.loads(report.read_text())}
    assert found["cert_chain_of_trust"] == "OK", done.output
    assert {key for key, severity in found.items() if severity in ("MEDIUM", "HIGH", "CRITICAL", "FATAL")} == {
        *HARMLESS
    }


def test_an_hour_of_visits_comes_out_of_the_cache(client, stack, figures):
    """A visitor a minute, who loads all parts of the page."""
    bucket = f"{stack.name}-frontend-s3-bucket-{config.ACCOUNT}"
    parts = [one["Key"] for one in client("s3").list_objects_v2(Bucket=bucket)["Contents"]]
    seen: Counter[str] = Counter()
    for _minute in range(60):
        with requests.Session() as visitor:
            visitor.trust_env = False  # or a bundle that the environment names would count
            visitor.verify = str(config.CA_CERT)
            seen.update(visitor.get(f"{SITE}/{part}", timeout=10).headers["x-cache"] for part in parts)
    hits = seen["Hit from cloudfront"] / seen.total()
    figures["requests of an hour of visits at the edge, and how many in a hundred were hits"] = [
        seen.total(),
        round(100 * hits, 1),
    ]
    assert hits >= 0.8, seen


def all_report(client: Any, what: str) -> bool:
    """Whether what each checker of Route 53 saw last begins so. They ask every 30 seconds."""
    route53 = client("route53")
    (check,) = route53.list_health_checks()["HealthChecks"]
    found = route53.get_health_check_status(HealthCheckId=check["Id"])["HealthCheckObservations"]
    return bool(found) and all(one["StatusReport"]["Status"].startswith(what) for one in found)


def test_route53_sees_within_its_interval_that_no_target_answers(stack, client, figures):
    autoscaling = client("autoscaling")
    poll(lambda: all_report(client, "Success: HTTP Status Code 200"), deadline=60)
    held = {"AutoScalingGroupName": f"{stack.name}-asg", "ScalingProcesses": ["HealthCheck"]}
    autoscaling.suspend_processes(**held)  # or it would replace them
    front = "name=flask-app-front state={}".format
    try:
        stopped = hosts("webapp", "ansible.builtin.systemd_service", front("stopped"))
        assert stopped.code == 0, stopped.output
        begin = time.monotonic()
        poll(lambda: all_report(client, "Failure: HTTP Status Code 50"), deadline=35)
        figures["seconds until Route 53 sees that no target answers"] = round(time.monotonic() - begin, 1)
    finally:
        started = hosts("webapp", "ansible.builtin.systemd_service", front("started"))
    assert started.code == 0, started.output
    poll(lambda: len(stack.healthy()) == 2, deadline=60)
    autoscaling.resume_processes(**held)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A Chromium that trusts the lab's authority, as its administrator has it by a policy."""
    authority = ssl.PEM_cert_to_DER_cert(config.CA_CERT.read_text())
    told = POLICIES / "threetier-lab.json"
    POLICIES.mkdir(parents=True, exist_ok=True)
    told.write_text(json.dumps({"CACertificates": [base64.b64encode(authority).decode()]}))
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (
        *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking"),
        *("disable-component-update", "disable-sync", "disable-dev-shm-usage", "no-proxy-server"),
        f"user-data-dir={tmp_path / 'browser'}",
    ):
        options.add_argument(f"--{flag}")
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    yield driver
    driver.quit()
    told.unlink()


def test_a_browser_uses_all_of_it_without_a_warning_by_the_cdn_alone(browser, tmp_path):
    def part(test_id: str) -> Any:
        return browser.find_element(By.CSS_SELECTOR, f'[data-testid="{test_id}"]')

    def shows(test_id: str, text: str) -> None:
        WebDriverWait(browser, 25).until(lambda _: text in part(test_id).text, f"{test_id} never showed {text!r}")

    browser.get(f"{SITE}/")
    shows("health", "API is healthy")
    part("user-name").send_keys("Ann by the edge")
    part("insert-user").click()
    shows("insert-status", "was inserted")
    part("new-product").click()
    for field, value in (("sku", "EDGE"), ("name", "Edge"), ("price", "1.50"), ("stock", "3")):
        part(f"field-{field}").send_keys(value)
    part("dialog-save").click()
    shows("products", "EDGE")
    part("new-order").click()
    for field, value in (("field-user", "Ann by the edge"), ("field-product", "Edge")):
        part(field).send_keys(value, Keys.TAB)
        chosen = WebDriverWait(browser, 25)
        chosen.until(lambda _, field=field: part(field).get_attribute("value").endswith(")"), f"{field}: not found")
    part("dialog-save").click()
    shows("orders", "Ann by the edge")
    file = tmp_path / "edge.txt"
    file.write_text("by the edge")
    part("file").send_keys(str(file))
    part("upload-file").click()
    shows("upload-status", "edge.txt was uploaded")
    shows("files", "edge.txt")
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map((one) => one.name)")
    assert len(loaded) > 10
    assert [address for address in loaded if not address.startswith(f"{SITE}/")] == []
    assert [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_a_new_page_is_there_at_once(client, stack):
    bucket = f"{stack.name}-frontend-s3-bucket-{config.ACCOUNT}"
    page = client("s3").get_object(Bucket=bucket, Key="error.html")
    new = page["Body"].read().replace(b"nothing here", b"something new here")
    options = {"ContentType": page["ContentType"], "CacheControl": page["CacheControl"]}
    ask(f"{SITE}/error.html")
    client("s3").put_object(Bucket=bucket, Key="error.html", Body=new, **options)
    assert b"nothing here" in ask(f"{SITE}/error.html")[2]  # kept for a day
    told = playbook("cdn", **PRODUCTION)
    assert told.code == 0, told.why()
    assert b"something new here" in ask(f"{SITE}/error.html")[2]


def test_the_doctor_finds_the_edge_well_and_what_is_gone_of_it(stack, client):
    poll(lambda: all_report(client, "Success"), deadline=60)
    assert wrong(playbook("doctor", **PRODUCTION)) == []
    route53 = client("route53")
    zone = next(one["Id"] for one in route53.list_hosted_zones()["HostedZones"] if one["Name"] == "example.test.")
    records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    (www,) = (one for one in records if (one["Name"], one["Type"]) == ("www.example.test.", "A"))
    gone = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": www}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=gone)
    client("s3").delete_bucket_policy(Bucket=f"{stack.name}-frontend-s3-bucket-{config.ACCOUNT}")
    found = wrong(playbook("doctor", **PRODUCTION))
    assert found[0].startswith("record www.example.test: The zone has no record of the stack for it.")
    assert any("Its policy does not let the distribution read" in line for line in found)
    mended = playbook("site", **PRODUCTION)
    assert mended.code == 0, mended.why()
    poll(lambda: all_report(client, "Success"), deadline=60)
    assert wrong(playbook("doctor", **PRODUCTION)) == []


def test_back_without_it_the_old_address_serves_as_before(stack, figures):
    before = kept(SITE)
    with Load(stack.api, rate=5) as load:
        back = playbook("site")
    assert back.code == 0, back.why()
    served = min(answer.begin for answer in load.answers if not answer.failed)
    figures["requests at the old address since it was open again, and lost"] = [
        len(load.since(served)),
        len(load.failed(served)),
    ]
    assert not load.failed(served), load.failed(served)[:3]
    assert json.loads(ask(f"{stack.page}config.json")[2]) == {"api_base": stack.api}
    assert kept(stack.api) == before
    for address in (stack.api, "http://api.example.test"):
        assert ask(f"{address}/")[0] == 200
    again = playbook("site")
    assert (again.code, again.total("changed")) == (0, 0), again.why("changed|fatal")
