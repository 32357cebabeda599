"""The report of a day, made by its function from the application's own tables and the files that were uploaded."""

from __future__ import annotations

import csv
import datetime
import importlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "roles/functions/files/daily_report"
REPORTS = "demo-app-reports"
TODAY = datetime.datetime.now(datetime.UTC).date()
YESTERDAY = TODAY - datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def function(deployment, tmp_path_factory):
    """The function's entry point, unpacked as Lambda has it."""
    place = tmp_path_factory.mktemp("package") / "code"
    shutil.copytree(SOURCES, place)
    shutil.copy(deployment.server.ca, place / "database-ca.pem")
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(str(place))
    wanted = {"REPORTS_BUCKET": REPORTS, "UPLOADS_BUCKET": deployment.environment["BACKEND_BUCKET"]}
    wanted["AWS_DEFAULT_REGION"] = deployment.environment["AWS_REGION"]
    for name in ("DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME", "DATABASE_SECRET_ARN"):
        wanted[name] = deployment.environment[name]
    for name, value in wanted.items():
        patch.setenv(name, value)
    deployment.aws.client("s3").create_bucket(Bucket=REPORTS)
    yield importlib.import_module("daily_report").handler
    for name in ("daily_report", "report"):
        del sys.modules[name]
    patch.undo()


@pytest.fixture
def shop(empty, client):
    """Two users, three orders of which one is cancelled and one is of another day, and a file."""
    users = [client.post("/api/v1/users", json={"name": name}).json["id"] for name in ("Ada", "Bob")]
    products = [
        client.post("/api/v1/products", json={"sku": sku, "name": name, "price": price}).json["id"]
        for sku, name, price in (("A-1", "=1+1", "2.50"), ("B-2", "Tea", "1.00"))
    ]

    def order(user: int, day: datetime.date, *lines: tuple[int, int], status: str = "new") -> None:
        items = [{"product_id": products[number], "quantity": quantity} for number, quantity in lines]
        made = client.post("/api/v1/orders", json={"user_id": users[user], "items": items})
        assert made.status_code == 201, made.json
        number = made.json["id"]
        change = f"status = '{status}', created_at = '{day} 12:00:00'"
        empty.server.run(f"UPDATE {empty.database}.orders SET {change} WHERE id = {number}")

    order(0, YESTERDAY, (0, 3), (1, 1))
    order(0, YESTERDAY, (1, 9), status="cancelled")
    order(1, TODAY, (0, 1))
    empty.aws.client("s3").put_object(Bucket=empty.environment["BACKEND_BUCKET"], Key="a.txt", Body=b"12345")
    return empty


def kept(deployment, day: datetime.date, kind: str) -> str:
    found = deployment.aws.client("s3").get_object(Bucket=REPORTS, Key=f"reports/{day}/report.{kind}")
    return found["Body"].read().decode()


def test_a_schedule_makes_the_report_of_the_day_before(function, shop):
    assert function({"scheduled": f"{TODAY}T05:00:00Z"}, None) == {"day": str(YESTERDAY)}
    found = json.loads(kept(shop, YESTERDAY, "json"))
    assert found == {
        "day": str(YESTERDAY),
        "users": {"total": 2, "ordering": 1},
        "orders": {"count": 2, "by_status": {"new": 1, "cancelled": 1}, "items": 4, "amount": "8.50"},
        "products": [
            {"sku": "A-1", "name": "=1+1", "quantity": 3, "amount": "7.50"},
            {"sku": "B-2", "name": "Tea", "quantity": 1, "amount": "1.00"},
        ],
        "uploads": {"count": 0, "bytes": 0},
    }
    rows = list(csv.reader(io.StringIO(kept(shop, YESTERDAY, "csv"))))
    assert rows[0] == ["of", "which", "count", "amount"]
    assert ["orders", "all", "2", "8.50"] in rows
    assert ["product", "A-1 =1+1", "3", "7.50"] in rows
    tomorrow = TODAY + datetime.timedelta(days=1)
    function({"scheduled": f"{tomorrow}T05:00:00Z"}, None)
    found = json.loads(kept(shop, TODAY, "json"))
    assert (found["orders"]["amount"], found["uploads"]) == ("2.50", {"count": 1, "bytes": 5})


def asked(function, **query: str):
    return function({"requestContext": {}, "queryStringParameters": query}, None)


def test_who_asks_gets_a_report_that_is_kept_or_made(function, shop):
    day = str(TODAY - datetime.timedelta(days=2))
    found = asked(function, day=day)
    assert (found["statusCode"], json.loads(found["body"])["orders"]["count"]) == (200, 0)
    assert kept(shop, TODAY - datetime.timedelta(days=2), "csv").startswith("of,which")
    found = asked(function, day=day, format="csv")
    assert found["headers"]["content-type"].startswith("text/csv")
    assert "day" in found["body"]
    refused = {
        (400, "Take one such as"): {"day": "yesterday"},
        (400, "Take json or csv"): {"format": "pdf"},
        (404, "is not over"): {"day": str(TODAY)},
    }
    for (status, words), query in refused.items():
        found = asked(function, **query)
        assert found["statusCode"] == status
        assert words in json.loads(found["body"])["message"]


def test_a_report_never_changes_the_database(function, shop):
    report = sys.modules["report"]
    secret = {"username": shop.server.user, "password": shop.server.password}
    with (
        report.connect(secret, sys.modules["daily_report"]._tls()) as connection,
        connection.cursor() as cursor,
        pytest.raises(Exception, match="READ ONLY transaction"),
    ):
        cursor.execute("delete from users")


def test_a_name_that_a_spreadsheet_would_compute_is_text(function):
    report = sys.modules["report"]
    assert [report._plain(one) for one in ("=1", "-1", "@a", "Tea", 5)] == ["'=1", "'-1", "'@a", "Tea", 5]


def test_the_driver_comes_with_the_function(tmp_path):
    """Lambda's Python has no driver of MySQL: the package brings one, which is read out of its archive."""
    code = "import sys, glob; sys.path += glob.glob(sys.argv[1] + '/*.whl'); import pymysql; print(pymysql.__file__)"
    said = subprocess.check_output([sys.executable, "-I", "-S", "-c", code, str(SOURCES)], text=True)
    assert ".whl/pymysql/" in said
