"""What the application finds in its database and in another one, as JSON. Takes the other one's name.

Runs as root with the application's Python: its settings, its credentials, its authorities.
"""

import json
import os
import ssl
import subprocess
import sys

import boto3
import botocore.config
import pymysql


def main(other):
    shown = subprocess.run(["systemctl", "show-environment"], capture_output=True, text=True, check=True).stdout
    os.environ.update(line.split("=", 1) for line in shown.splitlines() if line.startswith("AWS_"))
    with open("/etc/flask-app/environment") as file:
        settings = dict(line.strip().split("=", 1) for line in file if "=" in line)
    patience = botocore.config.Config(connect_timeout=3, read_timeout=5)
    client = boto3.client("secretsmanager", region_name=settings["AWS_REGION"], config=patience)
    login = json.loads(client.get_secret_value(SecretId=settings["DATABASE_SECRET_ARN"])["SecretString"])
    return {"this": look(settings["DATABASE_HOST"], settings, login), "other": look(other, settings, login)}


def look(host, settings, login):
    try:
        connection = pymysql.connect(
            host=host, port=int(settings["DATABASE_PORT"]), database=settings["DATABASE_NAME"], connect_timeout=5,
            user=login["username"], password=login["password"], read_timeout=120,
            ssl=ssl.create_default_context(cafile=settings["DATABASE_CA_BUNDLE"]),
        )  # fmt: skip
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


print(json.dumps(main(sys.argv[1])))
