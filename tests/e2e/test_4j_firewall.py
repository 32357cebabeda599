"""The site gets a firewall while people use it: attacks are refused, the page is not; and what it did is told."""

from __future__ import annotations

import http.client
import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

from tests import web_requests
from tests.web_requests import Sent

from .conftest import playbook
from .load import Load

BLOCK = ("-e", "threetier_waf=block")
INJECTION = Sent("GET", "/api/v1/users?search=1'+OR+'1'='1", {"User-Agent": web_requests.BROWSER})


def send(api: str, *requests: Sent) -> list[int]:
    """The answers' codes."""
    found = []
    for one in requests:
        connection = http.client.HTTPConnection(urlsplit(api).netloc, timeout=20)
        connection.request(one.method, one.uri, one.body or None, one.headers)
        found.append(connection.getresponse().status)
        connection.close()
    return found


def eventually(question: Callable[[], bool], deadline: float = 120) -> None:
    """The deadline is that of an image that has to be built first."""
    end = time.monotonic() + deadline
    while not question():
        assert time.monotonic() < end, "it did not come to this in time"
        time.sleep(0.5)


def test_attacks_are_refused_and_what_the_page_sends_is_not(stack, figures):
    attacks, harmless = web_requests.attacks(), web_requests.harmless()
    before = send(stack.api, *harmless)
    with Load(stack.api, rate=10) as load:
        moved = playbook("waf", *BLOCK)
        eventually(lambda: send(stack.api, INJECTION) == [403])
        blocked = Counter(send(stack.api, *attacks))[403]
        after = send(stack.api, *harmless)
    assert moved.code == 0, moved.why()
    figures["of 100 attacks, and of the page's requests refused"] = [
        blocked,
        Counter(after)[403] - Counter(before)[403],
    ]
    assert blocked >= 95
    assert Counter(after)[403] == Counter(before)[403] == 0
    assert not load.failed(), load.failed()[:3]
    large = web_requests.upload("firewall.bin", b"x" * 100_000)
    assert send(stack.api, large) == [200]
    again = playbook("waf", *BLOCK)
    assert (again.code, again.total("changed")) == (0, 0), again.why("changed|fatal")


def test_the_status_tells_what_it_has_blocked(stack, tmp_path):
    page = tmp_path / "status.html"
    said = playbook("status", *BLOCK, "-e", f"status_page={page}")
    assert said.code == 0, said.why()
    assert "It blocks. Within the last hour:" in page.read_text()
    assert "Of late: " in page.read_text()


def test_off_again_nobody_is_asked(stack):
    off = playbook("waf")
    assert off.code == 0, off.why()
    eventually(lambda: send(stack.api, INJECTION) == [200])
