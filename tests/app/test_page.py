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
from conftest import BUCKET
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
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

        WebDriverWait(self.browser, SOON).until(seen, f"{test_id} never showed {text!r}, but {last!r}")

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


def opened(browser) -> Page:
    browser.get(browser.page_url)
    return Page(browser)


def test_files_are_listed_with_size_and_date_and_downloaded_and_deleted(browser, address, empty, tmp_path):
    s3 = empty.aws.client("s3")
    s3.put_object(Bucket=BUCKET, Key="a b+c%ü.txt", Body=b"x" * 2048)
    s3.put_object(Bucket=BUCKET, Key="other.txt", Body=b"x")
    with gunicorn(empty.environment, tmp_path, bind=address):
        page = opened(browser)
        page.shows("files", "2 KiB")
        page.shows("files", "20")  # of the year
        page.every("files-download")[0].click()
        page.shows("files-status", "a b+c%ü.txt is being downloaded.")
        arrived = browser.downloads / "a b+c%ü.txt"
        WebDriverWait(browser, SOON).until(lambda _: arrived.is_file())
        assert arrived.read_bytes() == b"x" * 2048
        page.every("files-delete")[0].click()
        assert [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["a b+c%ü.txt", "other.txt"]
        page.every("files-delete")[0].click()
        page.shows("files-status", "a b+c%ü.txt was deleted.")
        page.shows("files", "1 file")
        assert [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["other.txt"]


def test_how_large_a_file_may_be_is_told_and_a_larger_one_is_not_sent(browser, address, empty, tmp_path):
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(1024 * 1024 + 1))
    with gunicorn(empty.environment, tmp_path, bind=address) as (_, _, log):
        page = opened(browser)
        page.shows("upload-limit", "A file may have up to 1 MiB.")
        page["file"].send_keys(str(large))
        page.shows("upload-status", "A file may have up to 1 MiB.")
        page["upload-file"].click()
        page.shows("upload-status", "A file may have up to 1 MiB.")
        assert "/upload" not in log.read_text()


def test_a_name_that_is_there_is_replaced_only_by_a_second_press(browser, address, empty, tmp_path):
    file = tmp_path / "twice.txt"
    file.write_text("new")
    s3 = empty.aws.client("s3")
    s3.put_object(Bucket=BUCKET, Key="twice.txt", Body=b"old")
    with gunicorn(empty.environment, tmp_path, bind=address):
        page = opened(browser)
        page.shows("files", "twice.txt")
        page["file"].send_keys(str(file))
        page["upload-file"].click()
        page.shows("upload-status", "There is a file twice.txt already.")
        assert s3.get_object(Bucket=BUCKET, Key="twice.txt")["Body"].read() == b"old"
        page["upload-file"].click()
        page.shows("upload-status", "twice.txt was uploaded.")
        assert s3.get_object(Bucket=BUCKET, Key="twice.txt")["Body"].read() == b"new"


def test_one_jumps_to_a_page(browser, address, empty, tmp_path):
    rows = ",".join(f"('user {number}')" for number in range(505))
    empty.server.run(f"INSERT INTO {empty.database}.users (name) VALUES {rows}")
    for number in range(12):
        name = f"{number:02} a rather long name of a file, as people give them.pdf"
        empty.aws.client("s3").put_object(Bucket=BUCKET, Key=name, Body=bytes(number * 99_999))
        record = {"file_name": name, "bucket_name": BUCKET, "timestamp": "2026-11-21T05:00:00.000Z", "size": 99_999}
        empty.aws.table.put_item(Item=record | {"content_type": "application/pdf"})
    with gunicorn(empty.environment, tmp_path, bind=address):
        page = opened(browser)
        page.shows("users", "of 505 users")
        page.shows("metadata", "of 12 records")
        page.picture("full")
        field = page["users-page"]
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys("50", Keys.ENTER)
        page.shows("users", "491–500 of 505 users")
        page["users-page"].send_keys(Keys.CONTROL, "a")
        page["users-page"].send_keys("900", Keys.ENTER)
        page.shows("users", "501–505 of 505 users")
        widest = "return document.documentElement.scrollWidth"
        assert browser.execute_script(widest) <= 1280
        phone = {"width": 375, "height": 900, "deviceScaleFactor": 1, "mobile": True}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
        assert browser.execute_script(widest) <= 375
        ends = "return [...document.querySelectorAll('.pager, .pager *')].map(e => e.getBoundingClientRect().right)"
        assert max(browser.execute_script(ends)) <= 375 - 20  # the card's own edge
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_page_that_was_opened_during_an_outage_comes_back_by_itself(browser, address, empty, tmp_path):
    empty.server.run(f"INSERT INTO {empty.database}.users (name) VALUES ('Ann')")
    page = opened(browser)
    page.shows("health", "The API cannot be reached.")
    assert "no users" not in page["users"].text.lower()
    page.picture("outage")
    with gunicorn(empty.environment, tmp_path, bind=address):
        page.shows("health", "API is healthy")
        page.shows("users", "Ann")
        page.shows("upload-limit", "1 MiB")


def test_health_tells_of_an_outage_and_of_its_end(browser, address, empty, tmp_path):
    empty.server.run(f"INSERT INTO {empty.database}.users (name) VALUES ('Ann')")
    with gunicorn(empty.environment, tmp_path, bind=address):
        page = opened(browser)
        page.shows("health", "API is healthy")
        page.shows("users", "Ann")
    page["fetch-users"].click()
    page.shows("users", "The users could not be loaded.")
    page.shows("health", "The API cannot be reached.")
    with gunicorn(empty.environment, tmp_path, bind=address):
        page.shows("health", "API is healthy")
        page.shows("users", "Ann")
    errors = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert [error for error in errors if "Failed to load resource" not in error] == []
