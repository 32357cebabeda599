"""nginx in front of the application, as an instance has it: real nginx, real gunicorn, a socket between them."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import jinja2
import pytest
import requests
from serving import free_address, gunicorn, wait_for

FRONT = Path(__file__).parents[2] / "roles/webapp/files/guest/front"
UNIT = Path(__file__).parents[2] / "roles/webapp/templates/guest/flask-app-front.service.j2"
SECONDS = int(os.environ.get("SLOW_SECONDS", "7"))  # for how long the slow ones try to be in the way
REQUEST = "1-67891233-abcdef012345678912345678"


def _configure():
    spec = importlib.util.spec_from_file_location("front_configure", FRONT / "configure.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


configure = _configure()


class Front:
    """A running front, its address and its logs of the test that has it."""

    def __init__(self, directory: Path, address: str, process: subprocess.Popen) -> None:
        self.address, self.url, self.process = address, f"http://{address}", process
        self.access, self.application, self.errors = (
            directory / "access.log",
            directory / "log",
            directory / "nginx.log",
        )
        self._seen: dict[Path, int] = {}

    def forget(self) -> None:
        """What was logged until now is of another test."""
        self._seen = {file: len(file.read_text()) for file in (self.access, self.application)}

    def lines(self, path: str) -> list[dict]:
        """What nginx logged of requests for this path; each is logged once it is over."""
        return self._logged(self.access, path)

    def application_lines(self, path: str) -> list[dict]:
        """The same of the application."""
        return self._logged(self.application, path)

    def _logged(self, file: Path, path: str) -> list[dict]:
        deadline = time.monotonic() + 10
        while True:
            said = [json.loads(line) for line in file.read_text()[self._seen.get(file, 0) :].splitlines()]
            found = [line for line in said if line.get("path") == path]
            if found or time.monotonic() > deadline:
                return found
            time.sleep(0.1)


@contextlib.contextmanager
def nginx(directory: Path, environment: dict[str, str], socket_path: str) -> Iterator[Front]:
    address = free_address()
    own = {
        "LISTEN": address,
        "SOCKET": socket_path,
        "RUNTIME_DIRECTORY": str(directory),
        "CACHE_DIRECTORY": str(directory / "cache"),
    }
    (directory / "cache").mkdir()
    assert configure.main({**environment, **own}) == 0
    file = directory / "nginx.conf"
    text = file.read_text()
    assert not re.search("@[A-Z_]+@", text)
    text = text.replace("syslog:server=unix:/dev/log,nohostname,tag=nginx", str(directory / "access.log"))
    text, patience = re.subn(r"(client_header|client_body|send)_timeout 10s;", r"\1_timeout 3s;", text)
    assert patience == 3, "the tests' is shorter"
    file.write_text(text)
    # A unit starts it without root; root's workers would be nobody's and could not reach a test's directory.
    options = ["-g", "user root;"] if os.geteuid() == 0 else []
    with (directory / "nginx.log").open("w") as errors:
        process = subprocess.Popen([shutil.which("nginx"), "-c", str(file), *options], stderr=errors)
        try:
            with contextlib.suppress(requests.HTTPError):
                wait_for(address)
            yield Front(directory, address, process)
        finally:
            process.terminate()
            process.wait(timeout=40)


@contextlib.contextmanager
def served(environment: dict[str, str]) -> Iterator[Front]:
    with tempfile.TemporaryDirectory(prefix="front-") as name:  # a socket's path may have 107 characters
        directory = Path(name)
        socket_path = str(directory / "s")
        with (
            gunicorn(environment, directory, bind=f"unix:{socket_path}") as (server, _, _log),
            nginx(directory, environment, socket_path) as front,
        ):
            front.server = server
            yield front


@pytest.fixture(scope="module")
def shared(deployment) -> Iterator[Front]:
    with served(deployment.environment | {"PROXY_CIDRS": "127.0.0.0/8"}) as running:
        yield running


@pytest.fixture
def front(shared, empty) -> Front:
    """One that goes on when the test is over."""
    shared.forget()
    return shared


@pytest.fixture
def own(empty) -> Iterator[Front]:
    """One for a test that stops a part of it."""
    with served(empty.environment | {"PROXY_CIDRS": "127.0.0.0/8"}) as running:
        yield running


class Slow(threading.Thread):
    """Somebody who sends one byte a second, or reads as slowly; comes again when cut off."""

    def __init__(self, front: Front, head: str, until: float, read: bool = False) -> None:
        super().__init__(daemon=True)
        self._front, self._head, self._until, self._read = front, head, until, read

    def run(self) -> None:
        while time.monotonic() < self._until:
            with contextlib.suppress(OSError), socket.socket() as line:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                host, port = self._front.address.split(":")
                line.connect((host, int(port)))
                line.settimeout(2)
                line.sendall(self._head.replace("HOST", self._front.address).encode())
                while time.monotonic() < self._until:
                    time.sleep(1)
                    if self._read:
                        line.recv(1)
                    else:
                        line.sendall(b"x")


UPLOAD = (
    "POST /upload HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1000000\r\n"
    "Content-Type: multipart/form-data; boundary=edge\r\n\r\n"
    '--edge\r\nContent-Disposition: form-data; name="file"; filename="slow.bin"\r\n\r\n'
)
INSERT = "POST /insert HTTP/1.1\r\nHost: HOST\r\nContent-Length: 60000\r\nContent-Type: application/json\r\n\r\n"
HEAD = "GET / HTTP/1.1\r\nHost: HOST\r\nX-Slow: "
FETCH = "GET /fetch HTTP/1.1\r\nHost: HOST\r\n\r\n"


def test_slow_bodies_heads_and_readers_keep_nobody_waiting(front, empty):
    rows = ",".join(f"('{'n' * 250}')" for _ in range(8000))  # 2 MB: more than the sockets' buffers hold
    empty.server.run(f"INSERT INTO {empty.database}.users (name) VALUES {rows}")
    until = time.monotonic() + SECONDS
    slow = [Slow(front, head, until) for head in [UPLOAD] * 20 + [INSERT] * 10 + [HEAD] * 20]
    slow += [Slow(front, FETCH, until, read=True) for _ in range(20)]
    for one in slow:
        one.start()
    time.sleep(2)
    asked = {
        "/": lambda: requests.get(f"{front.url}/", timeout=10),
        "/ready": lambda: requests.get(f"{front.url}/ready", timeout=10),
        "/insert": lambda: requests.post(f"{front.url}/insert", json={"name": "Ann"}, timeout=10),
        "/upload": lambda: requests.post(f"{front.url}/upload", files={"file": ("a.txt", b"x")}, timeout=10),
        "users": lambda: requests.get(f"{front.url}/api/v1/users?limit=5", timeout=10),
    }
    answers = []
    while time.monotonic() < until:
        for call in asked.values():
            answers.append(call())
    assert len(answers) >= 15
    assert {answer.status_code for answer in answers} == {200}
    assert max(answer.elapsed.total_seconds() for answer in answers) < 8
    for one in slow:
        one.join(20)
    assert requests.get(f"{front.url}/list_files", timeout=10).json() == {"files": ["a.txt"]}


def test_a_body_that_stops_coming_is_given_up(front):
    host, port = front.address.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as line:
        line.sendall(UPLOAD.replace("HOST", front.address).encode())
        begin = time.monotonic()
        with contextlib.suppress(ConnectionResetError):
            assert line.recv(1) == b""
    assert 2 < time.monotonic() - begin < 10
    assert [line["status"] for line in front.lines("/upload")] == [408]


def test_one_id_is_in_the_answer_and_in_both_logs_with_the_clients_address(front):
    trace = f"Self=1-67891234-12456789abcdef012345678;Root={REQUEST};Parent=53995c3f42cd8ad8"
    headers = {"X-Amzn-Trace-Id": trace, "X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    answer = requests.get(f"{front.url}/fetch", headers=headers, timeout=10)
    assert answer.headers["X-Request-Id"] == REQUEST
    (line,) = front.lines("/fetch")
    assert (line["request"], line["client"], line["status"]) == (REQUEST, "198.51.100.7", 200), (
        "what the balancer added"
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", line["time"])
    (line,) = front.application_lines("/fetch")
    assert (line["request"], line["client"]) == (REQUEST, "198.51.100.7")


def test_a_request_without_a_proper_id_gets_one(front):
    given = {"X-Request-Id": "forged", "X-Amzn-Trace-Id": 'Root="; DROP'}
    ids = {requests.get(f"{front.url}/", headers=given, timeout=10).headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)


def test_nobody_but_the_balancer_says_who_the_client_is(empty):
    with served(empty.environment | {"PROXY_CIDRS": "10.0.0.0/16"}) as front:
        requests.get(f"{front.url}/fetch", headers={"X-Forwarded-For": "198.51.100.7"}, timeout=10)
        assert [line["client"] for line in front.lines("/fetch")] == ["127.0.0.1"]
        assert [line["client"] for line in front.application_lines("/fetch")] == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("path", "size", "words"),
    [
        ("/upload", 1_300_000, "a file may have up to 1 MiB"),
        ("/api/v1/uploads", 1_300_000, "a file may have up to 1 MiB"),
        ("/insert", 200_000, "a JSON body may have up to 64 KiB"),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_sent(front, path, size, words):
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\nExpect: 100-continue\r\n\r\n"
    host, port = front.address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(head.encode())
        answer = line.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 413")
    assert words in answer
    assert "Access-Control-Allow-Origin: *" in answer
    files = {"file": ("big.bin", bytes(size))}
    whole = requests.post(f"{front.url}{path}", files=files, timeout=30)
    assert whole.status_code == 413
    assert words in whole.json()["error"]


def test_an_application_that_is_away_is_a_sentence_that_a_page_may_read(own):
    own.server.terminate()
    own.server.wait(timeout=60)
    answer = requests.get(f"{own.url}/fetch", timeout=10)
    assert answer.status_code == 503
    assert answer.json() == {"error": "The application does not answer at the moment. Try again in a few seconds."}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["X-Request-Id"]


def test_only_the_pages_named_may_read_the_fronts_own_answers(empty):
    with served(empty.environment | {"CORS_ORIGINS": "https://a.example, https://b.example/"}) as front:
        front.server.terminate()
        front.server.wait(timeout=60)
        for origin, allowed in (("https://b.example", "https://b.example"), ("https://c.example", None)):
            answer = requests.get(front.url, headers={"Origin": origin}, timeout=10)
            assert answer.headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.parametrize("name", ["a b+c%ü.txt", "100%25 sure.txt", "what?#.txt", "a%2Fb.txt", "日本語 🎉.png"])
def test_a_name_in_an_address_comes_through_unchanged(front, name):
    sent = requests.post(f"{front.url}/upload", files={"file": (name, b"x")}, timeout=10)
    assert sent.json()["file_name"] == name
    found = requests.get(f"{front.url}/api/v1/files/{quote(name, safe='')}", timeout=10)
    assert found.json()["name"] == name


def test_a_request_under_way_is_finished_before_the_front_stops(own):
    host, port = own.address.split(":")
    body = b'{"name": "Ann in flight"}'
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(f"POST /insert HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:10])
        time.sleep(0.5)
        own.process.send_signal(subprocess.signal.SIGQUIT)  # the unit's KillSignal
        assert "KillSignal=SIGQUIT" in UNIT.read_text()
        time.sleep(0.5)
        line.sendall(body[10:])
        assert line.recv(65536).startswith(b"HTTP/1.1 200")
    assert own.process.wait(timeout=40) == 0


@pytest.mark.parametrize("name", ["flask-app.service", "flask-app-front.service", "flask-app-migrate.service"])
def test_a_units_lines_are_whole(name):
    """An included file loses its last line's end, and the next line would become a part of it."""
    templates = jinja2.FileSystemLoader(UNIT.parents[1])
    environment = jinja2.Environment(loader=templates, trim_blocks=True, keep_trailing_newline=True)  # as Ansible's
    lines = environment.get_template(f"guest/{name}.j2").render(webapp_stop_timeout=40).splitlines()
    assert "SystemCallErrorNumber=EPERM" in lines
    assert [line for line in lines if not re.match(r"$|#|\[[A-Z][a-z]+\]$|[A-Z][A-Za-z]+=", line)] == []
    assert [line for line in lines if "# " in line and not line.startswith("#")] == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"MAX_UPLOAD_BYTES": "16M"}, "MAX_UPLOAD_BYTES must be a whole number above 0, not '16M'."),
        ({"PROXY_CIDRS": "10.0.0.1/16"}, "PROXY_CIDRS must be networks such as 10.0.0.0/16, not '10.0.0.1/16'."),
        ({"CORS_ORIGINS": 'https://a"; return'}, "CORS_ORIGINS must be * or addresses such as"),
    ],
)
def test_a_wrong_environment_is_said_in_a_sentence(wrong, said, capsys, tmp_path):
    unit = {"RUNTIME_DIRECTORY": str(tmp_path), "CACHE_DIRECTORY": "c", "SOCKET": "s", "LISTEN": "127.0.0.1:1"}
    assert configure.main({**unit, **wrong}) == 1
    assert capsys.readouterr().err.startswith(said)
