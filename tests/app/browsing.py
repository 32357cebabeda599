"""The page in a real browser, on the application with a real database and moto's AWS.

PAGE_PICTURES names a directory where pictures of it are kept, at the width of a phone and of a desk.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from serving import free_address, gunicorn

FRONTEND = Path(__file__).parents[2] / "roles/webapp/files/frontend"
SOON = 40  # seconds


class Page:
    """What a person sees and touches, by the page's own test ids."""

    def __init__(self, browser) -> None:
        self.browser = browser

    def __getitem__(self, test_id: str):
        return self.browser.find_element(By.CSS_SELECTOR, f'[data-testid="{test_id}"]')

    def every(self, test_id: str) -> list:
        return self.browser.find_elements(By.CSS_SELECTOR, f'[data-testid="{test_id}"]')

    def shows(self, test_id: str, text: str) -> None:
        last = ""

        def seen(_):
            nonlocal last
            last = self[test_id].text
            return text in last

        self.until(seen, f"{test_id} never showed {text!r}, but {last!r}")

    def until(self, true, message: str = "") -> None:
        WebDriverWait(self.browser, SOON, poll_frequency=0.05).until(true, message)

    def picture(self, name: str) -> None:
        if directory := os.environ.get("PAGE_PICTURES"):
            for width in (375, 1280):
                size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
                self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
                whole = self.browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]["height"]
                size["height"] = int(whole)
                self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
                self.browser.save_screenshot(f"{directory}/{name}-{width}.png")
            self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (
        *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking"),
        *("disable-component-update", "disable-sync", "disable-dev-shm-usage", "no-proxy-server"),
        *("window-size=1280,1100", f"user-data-dir={tmp_path_factory.mktemp('browser')}"),
    ):
        options.add_argument(f"--{flag}")
    downloads = {"download.default_directory": str(tmp_path_factory.mktemp("downloads"))}
    options.add_experimental_option("prefs", downloads)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    driver.downloads = Path(downloads["download.default_directory"])
    yield driver
    driver.quit()


@contextlib.contextmanager
def published(directory: Path, api: str) -> Iterator[str]:
    """The page's files, as the role publishes them."""
    shutil.copytree(FRONTEND, directory / "page")
    (directory / "page/config.json").write_text(json.dumps({"api_base": api}))

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=directory / "page"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def address(tmp_path, browser) -> Iterator[str]:
    """Where the API answers once it is started; the page is published and not opened yet."""
    found = free_address()
    with published(tmp_path, f"http://{found}") as url:
        browser.page_url = url
        yield found


@pytest.fixture(scope="module")
def running(deployment, browser, tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """The page's address and the log of its API, which runs for as long as a file's tests do."""
    directory = tmp_path_factory.mktemp("running")
    with (
        gunicorn(deployment.environment, directory) as (_, found, log),
        published(directory, f"http://{found}") as url,
    ):
        yield url, log


@pytest.fixture
def api_log(running, browser, empty) -> Path:
    """The log of an API that runs and holds nothing yet; the page is published and not opened yet."""
    browser.page_url, log = running
    return log


def opened(browser) -> Page:
    browser.get(browser.page_url)
    return Page(browser)
