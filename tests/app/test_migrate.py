"""`python -m demo_app.migrate`, as the builder runs it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import time

import pymysql
import pytest
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from conftest import BACKEND, fresh_environment, migrate
from demo_app import database
from demo_app.migrate import LOCK, _alembic
from demo_app.models import Base
from demo_app.secrets import Credentials
from demo_app.settings import DatabaseSettings

TABLES = {"alembic_version", "consistency_tokens", "idempotency_keys", "order_items", "orders", "products", "users"}
HEAD = 11  # the number of this release's last migration


@pytest.fixture
def fresh(server, aws):
    with fresh_environment(server, aws) as environment:
        yield environment


def run(environment, backend=BACKEND):
    process = migrate(environment, backend)
    said = process.communicate(timeout=60)[0]
    return process.returncode, said


def tables(server, environment):
    return {row[0] for row in server.run(f"SHOW TABLES FROM {environment['DATABASE_NAME']}")}


def application_secret(aws, environment):
    secret = aws.client("secretsmanager").get_secret_value(SecretId=environment["DATABASE_SECRET_ARN"])
    return json.loads(secret["SecretString"])


def log_in(server, username, password, **options):
    trust = {"ssl": ssl.create_default_context(cafile=server.ca)}
    return pymysql.connect(host=server.host, port=server.port, user=username, password=password, **trust | options)


def test_a_database_that_is_not_there_is_made_and_a_second_run_changes_nothing(server, fresh):
    code, said = run(fresh)
    assert (code, json.loads(said.splitlines()[-1])["message"]) == (0, "The database is up to date.")
    assert tables(server, fresh) == TABLES
    server.run(f"INSERT INTO {fresh['DATABASE_NAME']}.users (name) VALUES ('Ann')")
    assert run(fresh)[0] == 0
    assert server.run(f"SELECT name FROM {fresh['DATABASE_NAME']}.users") == [("Ann",)]


def test_neither_password_is_said(server, aws, fresh):
    said = run(fresh)[1]
    assert server.password not in said
    assert application_secret(aws, fresh)["password"] not in said


def test_the_users_table_is_the_workshop_s(server, fresh):
    run(fresh)
    columns = server.run(f"SHOW COLUMNS FROM {fresh['DATABASE_NAME']}.users")
    assert [column[:3] for column in columns] == [("id", "int", "NO"), ("name", "varchar(255)", "NO")]
    assert columns[0][5] == "auto_increment"


def test_the_application_s_user_may_read_and_write_rows_of_its_schema_and_nothing_else(server, aws, fresh):
    run(fresh)
    name, secret = fresh["DATABASE_NAME"], application_secret(aws, fresh)
    granted = {row[0].partition(" TO ")[0] for row in server.run(f"SHOW GRANTS FOR '{secret['username']}'@'%'")}
    escaped = name.replace("_", "\\_")
    assert granted == {
        "GRANT USAGE ON *.*",
        "GRANT APPLICATION_PASSWORD_ADMIN ON *.*",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{escaped}`.*",
    }
    with log_in(server, **secret, database=name) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO users (name) VALUES ('Ann')")
        assert cursor.execute("UPDATE users SET name = 'Ben'") == 1
        assert cursor.execute("DELETE FROM users") == 1
        for forbidden in ("CREATE TABLE t (i INT)", "DROP TABLE users", "SELECT * FROM mysql.user"):
            with pytest.raises(pymysql.err.OperationalError, match="denied"):
                cursor.execute(forbidden)


def test_the_application_s_user_is_let_in_over_tls_only(server, aws, fresh):
    run(fresh)
    with pytest.raises(pymysql.err.OperationalError, match="denied|insecure|secure"):
        log_in(server, **application_secret(aws, fresh), ssl=None, ssl_disabled=True)


def test_a_server_whose_certificate_is_of_another_authority_is_not_spoken_to(server, aws, fresh, tmp_path):
    other = tmp_path / "other.pem"
    other.write_text("")
    code, said = run(fresh | {"DATABASE_CA_BUNDLE": str(other)})
    assert code == 1
    assert server.run(f"SHOW DATABASES LIKE '{fresh['DATABASE_NAME']}'") == []
    assert "SSL" in said


def test_a_changed_password_and_rights_too_many_are_put_right(server, aws, fresh):
    run(fresh)
    secret = application_secret(aws, fresh)
    server.run(f"GRANT CREATE ON *.* TO '{secret['username']}'@'%'")
    secret["password"] = "tomorrow's"
    aws.client("secretsmanager").put_secret_value(
        SecretId=fresh["DATABASE_SECRET_ARN"], SecretString=json.dumps(secret)
    )
    assert run(fresh)[0] == 0
    with (
        log_in(server, **secret, database=fresh["DATABASE_NAME"]) as connection,
        connection.cursor() as cursor,
        pytest.raises(pymysql.err.OperationalError, match="denied"),
    ):
        cursor.execute("CREATE TABLE t (i INT)")


def test_of_two_migrators_at_once_both_succeed(server, fresh):
    """Both have to wait for a lock held elsewhere first, so that they do start together."""
    with server.admin() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, 0)", (LOCK,))
        both = [migrate(fresh), migrate(fresh)]
        waiting = f"SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'SELECT GET_LOCK(%%{LOCK}%%'"
        _until(lambda: server.run(waiting.replace("%%", "%"))[0][0] >= 2)
        assert server.run(f"SHOW DATABASES LIKE '{fresh['DATABASE_NAME']}'") == []
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert tables(server, fresh) == TABLES


def test_a_migrator_that_died_halfway_is_no_obstacle(server, fresh):
    """MySQL commits each table by itself: here one is made and not yet recorded."""
    name = fresh["DATABASE_NAME"]
    run(fresh)
    server.run(f"USE {name}", "DROP TABLE order_items", "UPDATE alembic_version SET version_num = '0002'")
    assert run(fresh)[0] == 0
    assert tables(server, fresh) == TABLES
    assert server.run(f"SELECT version_num FROM {name}.alembic_version")[0] == (f"{HEAD:04}",)


@contextlib.contextmanager
def administered(server, settings):
    """A connection to the migrated database with an administrator's rights."""

    class Known:
        def credentials(self, **_stale):
            return Credentials(server.user, server.password)

    engine = database.connect(settings, Known(), database=settings.database_name)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_models_and_migrations_agree(deployment):
    with administered(deployment.server, deployment.settings()) as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        found = sqlalchemy.inspect(connection)
        for table in Base.metadata.sorted_tables:
            checks = {constraint["name"] for constraint in found.get_check_constraints(table.name)}
            named = {c.name for c in table.constraints if isinstance(c, sqlalchemy.CheckConstraint)}
            assert checks == named


@pytest.fixture
def before(tmp_path):
    """The migrations of release 1.1.0."""
    backend = tmp_path / "1.1.0"
    shutil.copytree(BACKEND, backend)
    for file in (backend / "demo_app/migrations/versions").glob("0*.py"):
        if file.name > "0005":
            file.unlink()
    return backend


# What release 1.1.0 writes.
OF_BEFORE = (
    "INSERT INTO users (name) VALUES ('Ann')",
    "INSERT INTO products (sku, name, price) VALUES (concat('TEA-', last_insert_id()), 'Tea', 4.50)",
    "INSERT INTO orders (user_id) SELECT max(id) FROM users",
    "INSERT INTO order_items (order_id, product_id, quantity, price) "
    "SELECT last_insert_id(), max(id), 2, 4.50 FROM products",
)


def test_release_1_1_0_goes_on_beside_this_one_and_its_rows_are_kept(server, fresh, before):
    """The migration's own check refuses what 1.1.0 would miss; its statements are taken afterwards too."""
    name = fresh["DATABASE_NAME"]
    assert run(fresh, before)[0] == 0
    server.run(f"USE {name}", *OF_BEFORE)
    code, said = run(fresh)
    assert code == 0, said
    server.run(f"USE {name}", *OF_BEFORE)
    assert server.run(f"SELECT stock FROM {name}.products") == [(None,), (None,)]
    assert server.run(f"SELECT quantity, from_stock FROM {name}.order_items") == [(2, 0), (2, 0)]
    assert run(fresh, before)[0] == 0, "1.1.0 is deployed again"


def test_each_migration_can_be_run_again_and_taken_back(server, fresh, before):
    """As after a crash between each one's statement and its record."""
    name = fresh["DATABASE_NAME"]
    assert run(fresh, before)[0] == 0
    old = [server.run(f"SHOW CREATE TABLE {name}.{table}") for table in ("users", "products", "order_items")]
    assert run(fresh)[0] == 0
    server.run(f"UPDATE {name}.alembic_version SET version_num = '0004'")
    code, said = run(fresh)
    assert code == 0, said
    with administered(server, DatabaseSettings.from_environment(fresh)) as connection:
        command.downgrade(_alembic(connection), "0004")
        connection.commit()
    assert [server.run(f"SHOW CREATE TABLE {name}.{table}") for table in ("users", "products", "order_items")] == old
    assert tables(server, fresh) == TABLES - {"consistency_tokens", "idempotency_keys"}


@pytest.fixture
def release(tmp_path):
    """release("op.…", "op.…"): a later release, with a migration for each statement that takes its name's place."""

    def make(*statements):
        backend = tmp_path / "backend"
        shutil.copytree(BACKEND, backend)
        for number, statement in enumerate(statements, HEAD + 1):
            (backend / f"demo_app/migrations/versions/{number:04}_test.py").write_text(
                f"""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{number:04}", "{number - 1:04}"


def upgrade():
    {statement}


def downgrade():
    op.drop_column("users", "nickname")
"""
            )
        return backend

    return make


ADD = 'op.add_column("users", sa.Column("nickname", sa.String(40)))'


@pytest.fixture
def used(server, fresh):
    """A migrated database with two users of the same name; `used()` is all it holds."""
    run(fresh)
    name = fresh["DATABASE_NAME"]
    server.run(f"INSERT INTO {name}.users (name) VALUES ('Ann'), ('Ann')")

    def content():
        assert server.run(f"SHOW DATABASES LIKE '{name}\\_dry\\_run'") == []
        structure = [server.run(f"SHOW CREATE TABLE {name}.{table}")[0] for table in sorted(tables(server, fresh))]
        revision = server.run(f"SELECT version_num FROM {name}.alembic_version")
        return structure, revision, server.run(f"SELECT id, name FROM {name}.users ORDER BY id")

    return content


def test_a_release_that_only_adds_migrates_and_the_one_before_it_is_content_with_that(server, fresh, used, release):
    later = release(ADD, 'op.create_index("users_by_nickname", "users", ["nickname"])')
    assert run(fresh, later)[0] == 0
    assert used()[1:] == ([(f"{HEAD + 2:04}",)], [(1, "Ann"), (2, "Ann")])
    code, said = run(fresh)
    assert (code, "A later release has migrated" in said) == (0, True)
    assert used()[1] == [(f"{HEAD + 2:04}",)]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ('op.create_unique_constraint("uq_users_name", "users", ["name"])', "fails on a copy"),
        ("op.execute('ALTER TABLE nobody ADD i INT')", "fails on a copy"),
        ('op.drop_column("products", "price")', "products.price is gone"),
        ("op.drop_table('order_items')", "table order_items is gone"),
        (
            "op.execute('ALTER TABLE users RENAME COLUMN name TO called, DROP CHECK ck_users_name')",
            "users.name is gone",
        ),
        ("op.execute('ALTER TABLE users ADD age INT NOT NULL')", "users.age is new and has to be given"),
        ("op.execute('ALTER TABLE users MODIFY name VARCHAR(9)')", "users.name was varchar(255) and is varchar(9)"),
        ("op.execute('ALTER TABLE orders ALTER status DROP DEFAULT')", "orders.status has lost its default"),
        (
            'op.create_unique_constraint("uq_orders_user", "orders", ["user_id"])',
            "orders has a new constraint uq_orders",
        ),
        ("op.execute('DELETE FROM users LIMIT 1')", "1 rows of users are gone"),
    ],
)
def test_a_release_that_would_harm_is_refused_and_nothing_is_changed(fresh, used, release, statement, said):
    before = used()
    code, lines = run(fresh, release(ADD, statement))
    assert (code, used()) == (1, before)
    message = json.loads(lines.splitlines()[-1])["message"]
    assert said in message
    assert message.endswith("Nothing was changed.")


def test_contracting_can_be_allowed(fresh, used, release):
    assert run(fresh | {"MIGRATION_MAY_CONTRACT": "true"}, release("op.drop_table('order_items')"))[0] == 0
    assert used()[1] == [(f"{HEAD + 1:04}",)]


def test_what_fails_although_its_dry_run_did_not_is_taken_back(fresh, used, release):
    before = used()
    only_there = 'assert op.get_bind().exec_driver_sql("SELECT DATABASE()").scalar().endswith("_dry_run")'
    code, lines = run(fresh, release(ADD, only_there))
    assert (code, used()) == (1, before)
    assert json.loads(lines.splitlines()[-1])["message"] == f"The migration failed. The database is at {HEAD:04} again."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"DATABASE_HOST": ""}, "Missing in the environment: DATABASE_HOST."),
        ({"DATABASE_PORT": "x"}, "DATABASE_PORT must be a whole number above 0, not 'x'."),
        ({"MIGRATION_MAY_CONTRACT": "no"}, "MIGRATION_MAY_CONTRACT must be true or false, not 'no'."),
        ({"DATABASE_CA_BUNDLE": "/nowhere.pem"}, "DATABASE_CA_BUNDLE names /nowhere.pem, which cannot be read."),
    ],
)
def test_what_is_wrong_is_said_in_one_line(fresh, change, said):
    code, lines = run(fresh | change)
    assert code == 1
    assert json.loads(lines.splitlines()[-1])["message"] == said
    assert "Traceback" not in lines


def test_a_server_that_is_not_there_is_asked_for_a_while(fresh):
    hasty = "import sys; from demo_app import migrate; migrate.REACH_SECONDS = 1; sys.exit(migrate.main())"
    whole = {**os.environ, **fresh, "DATABASE_PORT": "9"}
    begun = time.monotonic()
    done = subprocess.run([sys.executable, "-c", hasty], cwd=BACKEND, env=whole, capture_output=True, text=True)
    assert (done.returncode, time.monotonic() - begun > 1) == (1, True)
    said = json.loads(done.stdout.splitlines()[-1])["message"]
    assert said == "The migration failed: OperationalError 2003 ConnectionRefusedError 111."


def _until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
