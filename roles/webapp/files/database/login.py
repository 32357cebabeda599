"""Log in to a database as the application does: with its settings, its credentials, its authorities. Says JSON.

    login.py compare HOST                     what the application finds in its database and in this one
    login.py set VERSION OLD… [--host HOST]   the application's user gets the password of a version of its secret
    login.py discard VERSION                  no older password lets the application's user in any more

Runs as root with the application's Python. HOST is the application's own database where it is not given. `set` logs in
with the first of the old versions that is let in; with --keep the password of before lets in as well.
"""

import argparse
import json
import os
import ssl
import subprocess
import sys
import time

import boto3
import botocore.config
import botocore.exceptions
import pymysql

DENIED = 1045
MAY_NOT = 1227
REACH_SECONDS = 60  # until a database has to answer, whose name may be new or which may be failing over
SEEN_SECONDS = 60  # until Secrets Manager has to name the new version as the current one on this host


class Refused(Exception):
    """Says in a sentence why it was not done."""


def main(arguments):
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("compare")
    command.add_argument("host")
    command = commands.add_parser("set")
    command.add_argument("version")
    command.add_argument("old", nargs="*")
    command.add_argument("--host")
    command.add_argument("--keep", action="store_true")
    command = commands.add_parser("discard")
    command.add_argument("version")
    given = parser.parse_args(arguments)
    settings = read_settings()
    secret = Secret(settings)
    try:
        if given.command == "compare":
            login = secret.login()
            hosts = {"this": settings["DATABASE_HOST"], "other": given.host}
            return {which: look(host, settings, login) for which, host in hosts.items()}
        if given.command == "set":
            host = given.host or settings["DATABASE_HOST"]
            return {"changed": set_password(host, settings, secret, given.version, given.old, keep=given.keep)}
        discard_password(settings, secret, given.version)
        return {"changed": True}
    except Refused as refused:
        return {"error": str(refused)}


def read_settings():
    """The application's environment, and this process's own with where its unit finds AWS."""
    shown = subprocess.run(["systemctl", "show-environment"], capture_output=True, text=True, check=True).stdout
    os.environ.update(line.split("=", 1) for line in shown.splitlines() if line.startswith("AWS_"))
    with open("/etc/flask-app/environment") as file:
        return dict(line.strip().split("=", 1) for line in file if "=" in line)


class Secret:
    """The application's secret."""

    def __init__(self, settings):
        patience = botocore.config.Config(connect_timeout=3, read_timeout=5)
        self._client = boto3.client("secretsmanager", region_name=settings["AWS_REGION"], config=patience)
        self._arn = settings["DATABASE_SECRET_ARN"]

    def current(self):
        """Which version the application is given."""
        return self._client.get_secret_value(SecretId=self._arn)["VersionId"]

    def login(self, version=None):
        """Name and password; None if AWS has deleted that version."""
        which = {"VersionId": version} if version else {}
        try:
            value = self._client.get_secret_value(SecretId=self._arn, **which)["SecretString"]
        except self._client.exceptions.ResourceNotFoundException:
            return None
        return json.loads(value)


def connect(host, settings, login, **options):
    return pymysql.connect(
        host=host, port=int(settings["DATABASE_PORT"]), connect_timeout=5,
        user=login["username"], password=login["password"],
        ssl=ssl.create_default_context(cafile=settings["DATABASE_CA_BUNDLE"]), **options,
    )  # fmt: skip


def look(host, settings, login):
    try:
        connection = connect(host, settings, login, database=settings["DATABASE_NAME"], read_timeout=120)
    except Exception as error:
        return {"error": f"{host} does not let the application in: {error}"[:300]}
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1")
        tables = [row[0] for row in cursor.fetchall()]
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT COUNT(*) FROM `{table}`")
            rows[table] = cursor.fetchone()[0]
        cursor.execute("SELECT version_num FROM alembic_version")
        return {"error": "", "schema": cursor.fetchone()[0], "rows": rows}


def set_password(host, settings, secret, version, old, *, keep):
    """Whether it had to be set. With `keep` the password of before lets the application in as well."""
    wanted = secret.login(version)
    if wanted is None:
        raise Refused(f"The secret has no version {version} any more.")
    if lets_in(host, settings, wanted):
        return False
    for login in filter(None, map(secret.login, old)):
        if lets_in(host, settings, login):
            statement = "ALTER USER USER() IDENTIFIED BY %s" + (" RETAIN CURRENT PASSWORD" if keep else "")
            run(host, settings, login, statement, wanted["password"])
            return True
    raise Refused(
        f"{host} lets the application in with none of the passwords that its secret holds. When the next image is "
        "made, its builder gives the user the secret's password as the master user."
    )


def discard_password(settings, secret, version):
    """Once AWS gives this version to who asks for the secret, so that whoever is refused is given one that counts."""
    end = time.monotonic() + SEEN_SECONDS
    while secret.current() != version:
        if time.monotonic() > end:
            raise Refused(f"Secrets Manager does not give the new version {version} yet.")
        time.sleep(1)
    run(settings["DATABASE_HOST"], settings, secret.login(version), "ALTER USER USER() DISCARD OLD PASSWORD")


def lets_in(host, settings, login):
    end = time.monotonic() + REACH_SECONDS
    while True:
        try:
            connect(host, settings, login).close()
        except pymysql.err.OperationalError as error:
            if error.args[0] == DENIED:
                return False
            if time.monotonic() > end:
                raise Refused(f"{host} cannot be reached: {error}"[:300]) from None
            time.sleep(1)
        else:
            return True


def run(host, settings, login, statement, *values):
    try:
        with connect(host, settings, login) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
    except pymysql.err.MySQLError as error:
        if error.args[0] == MAY_NOT:
            raise Refused(
                f"The user {login['username']} may not have two passwords at once. Its right to that, "
                "APPLICATION_PASSWORD_ADMIN, is given by the migration of a release from 1.2.0 on: deploy one."
            ) from None
        # The text of some errors repeats the statement, and the password with it.
        raise Refused(f"MySQL refuses the new password, by its error {error.args[0]}.") from None


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
