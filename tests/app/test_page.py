"""The page of users and files in a real browser: lists, uploads, outages."""

from __future__ import annotations

from browsing import opened
from conftest import BUCKET
from selenium.webdriver.common.keys import Keys
from serving import gunicorn


def test_files_are_listed_with_size_and_date_and_downloaded_and_deleted(browser, api_log, empty):
    s3 = empty.aws.client("s3")
    s3.put_object(Bucket=BUCKET, Key="a b+c%ü.txt", Body=b"x" * 2048)
    s3.put_object(Bucket=BUCKET, Key="other.txt", Body=b"x")
    page = opened(browser)
    page.shows("files", "2 KiB")
    page.shows("files", "20")  # of the year
    page.every("files-download")[0].click()
    page.shows("files-status", "a b+c%ü.txt is being downloaded.")
    arrived = browser.downloads / "a b+c%ü.txt"
    page.until(lambda _: arrived.is_file())
    assert arrived.read_bytes() == b"x" * 2048
    page.every("files-delete")[0].click()
    page.shows("dialog", "Delete the file a b+c%ü.txt?")
    page["dialog-cancel"].click()
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["a b+c%ü.txt", "other.txt"]
    page.every("files-delete")[0].click()
    page["dialog-save"].click()
    page.shows("files-status", "a b+c%ü.txt was deleted.")
    page.shows("files", "1 file")
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["other.txt"]


def test_how_large_a_file_may_be_is_told_and_a_larger_one_is_not_sent(browser, api_log, empty, tmp_path):
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(1024 * 1024 + 1))
    before = len(api_log.read_text())
    page = opened(browser)
    page.shows("upload-limit", "A file may have up to 1 MiB.")
    page["file"].send_keys(str(large))
    page.shows("upload-status", "A file may have up to 1 MiB.")
    page["upload-file"].click()
    page.shows("upload-status", "A file may have up to 1 MiB.")
    assert "/api/v1/uploads" not in api_log.read_text()[before:]


def test_a_name_that_is_there_is_replaced_only_after_a_question(browser, api_log, empty, tmp_path):
    file = tmp_path / "twice.txt"
    file.write_text("new")
    s3 = empty.aws.client("s3")
    s3.put_object(Bucket=BUCKET, Key="twice.txt", Body=b"old")
    page = opened(browser)
    page.shows("files", "twice.txt")
    page["file"].send_keys(str(file))
    page["upload-file"].click()
    page.shows("dialog", "There is a file twice.txt already. Replace it?")
    assert s3.get_object(Bucket=BUCKET, Key="twice.txt")["Body"].read() == b"old"
    page["dialog-save"].click()
    page.shows("upload-status", "twice.txt was uploaded.")
    assert s3.get_object(Bucket=BUCKET, Key="twice.txt")["Body"].read() == b"new"


def test_one_jumps_to_a_page(browser, api_log, empty):
    rows = ",".join(f"('user {number}')" for number in range(505))
    empty.server.run(f"INSERT INTO {empty.database}.users (name) VALUES {rows}")
    for number in range(12):
        name = f"{number:02} a rather long name of a file, as people give them.pdf"
        empty.aws.client("s3").put_object(Bucket=BUCKET, Key=name, Body=bytes(number * 99_999))
        record = {"file_name": name, "bucket_name": BUCKET, "timestamp": "2026-11-21T05:00:00.000Z", "size": 99_999}
        empty.aws.table.put_item(Item=record | {"content_type": "application/pdf"})
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
