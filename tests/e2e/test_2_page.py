"""The page in a real browser, down to the row, the object, the item and the e-mail."""

import hashlib
import time

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from lab import mailbox
from tests.api import poll

from .conftest import REPORT, run

AWKWARD = "a b+c%ü.txt"


@pytest.fixture(scope="module")
def browser(stack, tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (
        *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking"),
        *("disable-component-update", "disable-sync", "disable-dev-shm-usage", "no-proxy-server"),
        *("window-size=1280,1100", f"user-data-dir={tmp_path_factory.mktemp('browser')}"),
    ):
        options.add_argument(f"--{flag}")
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    driver.get(stack.page)
    yield driver
    driver.quit()


@pytest.fixture
def page(browser):
    return Page(browser)


class Page:
    """What a person sees and touches, by the page's own test ids."""

    def __init__(self, browser):
        self.browser = browser

    def __getitem__(self, test_id):
        return self.browser.find_element(By.CSS_SELECTOR, f'[data-testid="{test_id}"]')

    def shows(self, test_id, text, deadline=25):
        wait = WebDriverWait(self.browser, deadline)
        wait.until(lambda _: text in self[test_id].text, f"{test_id} never showed {text!r}: {self[test_id].text!r}")
        return True


def test_the_page_finds_its_api(page):
    assert page["health"].is_displayed()
    WebDriverWait(page.browser, 10).until(lambda _: page["health"].get_attribute("data-state") not in ("busy", "bad"))


def test_a_user_is_inserted_and_fetched(page):
    page["user-name"].send_keys("Ann O'Hara <b>")
    page["insert-user"].click()
    assert page.shows("insert-status", "was inserted")
    page["fetch-users"].click()
    assert page.shows("users", "Ann O'Hara <b>")


def test_an_empty_name_is_refused_with_a_sentence(page):
    page["user-name"].clear()
    page["insert-user"].click()
    WebDriverWait(page.browser, 10).until(lambda _: "name" in page["insert-status"].text.lower())
    assert "inserted" not in page["insert-status"].text


def test_a_person_confirms_the_subscriptions_that_mails_ask_for_by_one_command(stack):
    assert "Action=ConfirmSubscription&" in run("make", "mail").output
    done = run("make", "confirm")
    assert done.code == 0, done.output
    assert done.output.count("Confirmed: arn:aws:sns:") >= 2  # to uploads and to alarms
    assert "Refused" not in done.output


def test_a_file_with_an_awkward_name_is_uploaded_listed_and_described(page, tmp_path):
    file = tmp_path / AWKWARD
    file.write_text("what is in it")
    page["file"].send_keys(str(file))
    page["upload-file"].click()
    assert page.shows("upload-status", f"{AWKWARD} was uploaded")
    page["list-files"].click()
    assert page.shows("files", AWKWARD)

    def described():
        """the pipeline has written the item"""
        page["fetch-metadata"].click()
        time.sleep(0.3)
        return AWKWARD in page["metadata"].text

    assert poll(described, deadline=30)
    assert hashlib.sha256(b"what is in it").hexdigest()[:12] in page["metadata"].text


def test_the_upload_is_in_the_mail_too(stack):
    def letter():
        """an e-mail names the file"""
        return next((one for one in mailbox.read() if "a+b%2Bc%25%C3%BC.txt" in one.text), None)

    assert poll(letter, deadline=20)


def test_it_looks_as_it_should(page):
    """No claim about beauty: nothing sticks out to the side, and the pictures are kept for a person to look at."""
    REPORT.mkdir(parents=True, exist_ok=True)
    for name, width in (("desktop", 1280), ("phone", 390)):
        page.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 1100, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        assert page.browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
        page.browser.save_screenshot(str(REPORT / f"page-{name}.png"))
    errors = [entry for entry in page.browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert [entry["message"] for entry in errors if " 400 " not in entry["message"]] == []
