"""The application on a real MySQL server and moto's AWS.

APP_TEST_MYSQL names a MySQL server to work on, with a user who may create databases and users, and the certificate
authority that signed the server's certificate:

    APP_TEST_MYSQL='mysql://admin:secret@db.example:3306/?ssl_ca=/path/to/ca.pem' pytest tests/app

`make test` sets it to servers of its own, one for each worker. Each run works in a database and with a user of its own
and drops both.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import pymysql
import pytest
from browsing import address, api_log, browser, running  # noqa: F401 - fixtures
from flask import Flask
from flask.testing import FlaskClient
from moto.server import ThreadedMotoServer

BACKEND = Path(__file__).parents[2] / "roles/webapp/files/backend"
sys.path.insert(0, str(BACKEND))

from demo_app.app import create_app  # noqa: E402 - found only now
from demo_app.settings import Settings  # noqa: E402

REGION = "us-east-1"
BUCKET = "demo-app-backend"
TABLE = "demo-app-metadata"


@dataclasses.dataclass
class Server:
    """The MySQL server, seen by its administrator."""

    host: str
    port: int
    user: str
    password: str
    ca: str

    @contextlib.contextmanager
    def admin(self) -> Iterator[pymysql.cursors.Cursor]:
        with (
            pymysql.connect(
                host=self.host,
                port=self.port,
                user=self.user,
                password=self.password,
                ssl_ca=self.ca,
                autocommit=True,
                connect_timeout=5,
            ) as connection,
            connection.cursor() as cursor,
        ):
            yield cursor

    def run(self, *statements: str) -> list[tuple]:
        """Run statements; the rows of the last."""
        with self.admin() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())

    def throw_out(self, user: str) -> int:
        """End every connection of a user; how many there were."""
        own = self.run(f"SELECT id FROM information_schema.processlist WHERE user = '{user}'")
        with self.admin() as cursor:
            for (connection,) in own:
                with contextlib.suppress(pymysql.err.OperationalError):  # it left by itself
                    cursor.execute(f"KILL {connection}")
        return len(own)


@functools.cache
def _client(service: str, endpoint: str):
    return boto3.client(service, region_name=REGION, endpoint_url=endpoint)


@dataclasses.dataclass(frozen=True)
class Aws:
    """The AWS account."""

    endpoint: str

    def client(self, service: str):
        return _client(service, self.endpoint)

    @functools.cached_property
    def table(self):
        return boto3.resource("dynamodb", region_name=REGION, endpoint_url=self.endpoint).Table(TABLE)

    def secret(self, name: str, username: str, password: str) -> str:
        text = json.dumps({"username": username, "password": password})
        return self.client("secretsmanager").create_secret(Name=name, SecretString=text)["ARN"]


@dataclasses.dataclass
class Deployment:
    """A migrated database, the application's user and secret, bucket and table: what a release finds."""

    server: Server
    aws: Aws
    database: str
    user: str
    secret_arn: str
    environment: dict[str, str]

    def settings(self, **other) -> Settings:
        return dataclasses.replace(Settings.from_environment(self.environment), **other)


@pytest.fixture(scope="session")
def server() -> Server:
    urls = os.environ.get("APP_TEST_MYSQL", "").split() or [""]
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    url = urlsplit(urls[min(worker, len(urls) - 1)])
    ca = parse_qs(url.query).get("ssl_ca", [""])[0]
    if not (url.hostname and url.username and url.password and ca):
        pytest.fail(
            "These tests need a MySQL server: run `make test`, which brings one, or set "
            "APP_TEST_MYSQL=mysql://<admin>:<password>@<host>:<port>/?ssl_ca=<path of its certificate authority>.",
            pytrace=False,
        )
    return Server(url.hostname, url.port or 3306, unquote(url.username), unquote(url.password), ca)


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    patch = pytest.MonkeyPatch()
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    endpoint = "http://{}:{}".format(*moto.get_host_and_port())
    patch.setenv("AWS_ENDPOINT_URL", endpoint)
    patch.setenv("AWS_ACCESS_KEY_ID", "AKIAQQAPPTESTQQKEYQQ")
    patch.setenv("AWS_SECRET_ACCESS_KEY", secrets.token_urlsafe(30))
    patch.delenv("AWS_PROFILE", raising=False)
    account = Aws(endpoint)
    account.client("s3").create_bucket(Bucket=BUCKET)
    account.client("dynamodb").create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "file_name", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "file_name", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield account
    moto.stop()
    patch.undo()


def migrate(environment: dict[str, str], backend: Path = BACKEND) -> subprocess.Popen:
    """A migration as the builder starts it: a process of its own."""
    command = [sys.executable, "-m", "demo_app.migrate"]
    whole = {**os.environ, **environment}
    return subprocess.Popen(
        command, cwd=backend, env=whole, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


@contextlib.contextmanager
def fresh_environment(server: Server, aws: Aws) -> Iterator[dict[str, str]]:
    """The environment of a release whose database does not exist yet; whatever comes into being is dropped."""
    mark = secrets.token_hex(4)
    database, user, password = f"demo_test_{mark}", f"app_{mark}", f"it's 100%% \\ {secrets.token_urlsafe(20)}"
    yield {
        "AWS_REGION": REGION,
        "DATABASE_HOST": server.host,
        "DATABASE_PORT": str(server.port),
        "DATABASE_NAME": database,
        "DATABASE_SECRET_ARN": aws.secret(f"{database}-app", user, password),
        "DATABASE_MASTER_SECRET_ARN": aws.secret(f"{database}-master", server.user, server.password),
        "DATABASE_CA_BUNDLE": server.ca,
        "BACKEND_BUCKET": BUCKET,
        "METADATA_TABLE": TABLE,
        "MAX_UPLOAD_BYTES": str(1024 * 1024),
    }
    server.run(f"DROP DATABASE IF EXISTS {database}", f"DROP USER IF EXISTS '{user}'@'%'")


@pytest.fixture(scope="session")
def deployment(server: Server, aws: Aws) -> Iterator[Deployment]:
    with fresh_environment(server, aws) as environment:
        process = migrate(environment)
        said = process.communicate(timeout=60)[0]
        assert process.returncode == 0, said
        database = environment["DATABASE_NAME"]
        user = database.replace("demo_test", "app")
        running = {key: value for key, value in environment.items() if key != "DATABASE_MASTER_SECRET_ARN"}
        yield Deployment(server, aws, database, user, environment["DATABASE_SECRET_ARN"], running)


@pytest.fixture(scope="session")
def app(deployment: Deployment) -> Flask:
    """The application, as one process that lives through the whole session."""
    return create_app(deployment.settings())


@pytest.fixture
def empty(deployment: Deployment) -> Iterator[Deployment]:
    """The deployment, holding nothing."""
    yield deployment
    tables = ("order_items", "orders", "products", "users", "idempotency_keys", "consistency_tokens")
    deployment.server.run(*(f"DELETE FROM {deployment.database}.{table}" for table in tables))
    s3 = deployment.aws.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        if keys := [{"Key": item["Key"]} for item in page.get("Contents", ())]:
            s3.delete_objects(Bucket=BUCKET, Delete={"Objects": keys})
    while items := deployment.aws.table.scan(ProjectionExpression="file_name")["Items"]:
        for item in items:
            deployment.aws.table.delete_item(Key=item)


@pytest.fixture
def client(empty: Deployment, app: Flask) -> FlaskClient:
    """A caller of the application."""
    return app.test_client()


@pytest.fixture
def sentence():
    """The sentence of an error, after a look at whether it is one, and readable for a page of any origin."""

    def read(response, status: int) -> str:
        assert response.status_code == status, response.get_data(as_text=True)
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert list(response.json) == ["error"]
        assert re.fullmatch(r"\S.*\.", response.json["error"])
        return response.json["error"]

    return read
