"""Users, products and orders on the page, in a real browser."""

from __future__ import annotations

import pytest
from browsing import opened
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select


@pytest.fixture
def shop(browser, api_log, empty):
    """The page, the API running; two users and two products are there."""
    schema = empty.database
    empty.server.run(f"INSERT INTO {schema}.users (id, name) VALUES (11, 'Ann'), (12, 'Ben')")
    columns = "id, sku, name, price, stock"
    rows = "(21, 'TEA-1', 'Tea', 4.50, 5), (22, 'CUP-1', 'Cup', 10, NULL)"
    empty.server.run(f"INSERT INTO {schema}.products ({columns}) VALUES {rows}")
    page = opened(browser)
    for noun in ("users", "products"):
        page.shows(noun, f"2 {noun}")
    return page


def fill(page, test_id, text):
    field = page[test_id]
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(text or Keys.DELETE)


def gone(page):
    """The dialog has closed."""
    page.until(lambda _: not page.every("dialog"))


def test_a_user_is_changed_and_deleted_after_a_question(shop):
    shop.every("users-change")[0].click()
    fill(shop, "field-name", "Anna O'Hara <b>")
    shop["dialog-save"].click()
    shop.shows("users-status", "User 11 is called Anna O'Hara <b> now.")
    shop.shows("users", "Anna O'Hara <b>")
    shop.every("users-delete")[0].click()
    shop.shows("dialog", "Delete user 11, Anna O'Hara <b>?")
    shop["dialog-cancel"].send_keys(Keys.ESCAPE)
    gone(shop)
    shop.shows("users", "2 users")
    shop.every("users-delete")[0].click()
    shop["dialog-save"].click()
    shop.shows("users", "1 user")


def test_a_product_is_created_changed_and_deleted_and_refusals_are_told_in_the_form(shop, empty):
    shop["new-product"].click()
    fill(shop, "field-sku", "TEA-1")
    fill(shop, "field-name", "Green tea")
    fill(shop, "field-price", "5.25")
    shop.picture("product")
    shop["dialog-save"].click()
    shop.shows("dialog-status", "Another product has this SKU.")
    fill(shop, "field-sku", "TEA-2")
    shop["dialog-save"].click()
    shop.shows("products-status", "Green tea was created.")
    shop.shows("products", "not counted")
    shop.every("products-change")[0].click()
    fill(shop, "field-price", "4.75")
    empty.server.run(f"UPDATE {empty.database}.products SET stock = 3 WHERE id = 21")  # somebody orders meanwhile
    shop["dialog-save"].click()
    shop.shows("products", "4.75")
    assert empty.server.run(f"SELECT price, stock FROM {empty.database}.products WHERE id = 21")[0][1] == 3
    shop.every("products-delete")[2].click()
    shop["dialog-save"].click()
    shop.shows("products-status", "Green tea was deleted.")
    shop.shows("products", "2 products")


def test_an_order_is_placed_by_keyboard_changed_and_deleted_and_the_stock_follows(shop):
    shop["new-order"].send_keys(Keys.ENTER)
    assert shop.browser.switch_to.active_element == shop["field-user"]
    shop["field-user"].send_keys("an", Keys.TAB)
    shop.until(lambda _: shop["field-user"].get_attribute("value") == "Ann (11)")
    shop["field-product"].send_keys("Tea (21)")
    fill(shop, "field-quantity", "6")
    shop["order-more"].click()
    shop.every("field-product")[1].send_keys("Cup (22)")
    shop.picture("order")
    shop["dialog-save"].click()
    shop.shows("dialog-status", "Of product 21, Tea, only 5 are left.")
    fill(shop, "field-quantity", "2")
    shop["dialog-save"].click()
    shop.shows("orders-status", "of Ann was placed: 19.00.")
    shop.shows("orders", "2 × Tea, 1 × Cup")
    assert "3" in shop["products"].text.split("TEA-1")[1].split("Change")[0]
    shop.picture("orders")
    shop.every("users-delete")[0].click()
    shop["dialog-save"].click()
    shop.shows("users-status", "The user still has orders.")
    shop.every("orders-change")[0].click()
    Select(shop["field-status"]).select_by_value("cancelled")
    shop["dialog-save"].click()
    shop.shows("orders", "cancelled")
    shop.until(lambda _: "5" in shop["products"].text.split("4.50")[1].split("Change")[0])
    shop.every("orders-delete")[0].click()
    shop["dialog-save"].click()
    shop.shows("orders", "There are no orders yet.")


def test_lists_are_searched_and_sorted(shop, empty):
    rows = ",".join(f"('user {number:03}')" for number in range(40))
    empty.server.run(f"INSERT INTO {empty.database}.users (name) VALUES {rows}")
    shop["fetch-users"].click()
    shop.shows("users", "of 42 users")
    shop["users-search"].send_keys("USER 00")
    shop.shows("users", "10 users")
    fill(shop, "users-search", "nobody")
    shop.shows("users", "No users are found by this name.")
    fill(shop, "users-search", "")
    shop.shows("users", "of 42 users")
    Select(shop["users-sort"]).select_by_value("-name")
    shop.shows("users", "user 039")
    shop["users-next"].send_keys(Keys.ENTER)
    shop.shows("users", "11–20 of 42 users")
    assert shop.browser.switch_to.active_element == shop["users-next"], "the focus stays where one works"
    Select(shop["products-sort"]).select_by_value("-price")
    shop.until(lambda _: shop["products"].text.index("Cup") < shop["products"].text.index("Tea"))


def test_what_is_sent_again_after_a_lost_answer_is_not_made_twice(shop, empty):
    """The answer is lost on its way: the page cannot know whether the user was made, and somebody presses again."""
    lose = """
        const real = window.fetch;
        window.fetch = async (...call) => {
          const answer = await real(...call);
          if (call[1]?.method !== "POST") return answer;
          window.fetch = real;
          throw new TypeError("lost");
        };
    """
    shop.browser.execute_script(lose)
    shop["user-name"].send_keys("Cleo")
    shop["insert-user"].click()
    shop.shows("insert-status", "The API cannot be reached.")
    shop["insert-user"].click()
    shop.shows("insert-status", "Cleo was inserted.")
    shop.shows("users", "Cleo")
    wrong = "return document.querySelectorAll(':user-invalid').length"
    assert shop.browser.execute_script(wrong) == 0, "the field is empty again, and not called wrong for that"
    assert empty.server.run(f"SELECT count(*) FROM {empty.database}.users WHERE name = 'Cleo'") == [(1,)]


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_sticks_out_and_each_control_has_a_name(shop, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    shop.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    shop["new-order"].click()
    wide = "return [document.documentElement, document.querySelector('dialog')].map(e => e.scrollWidth - e.clientWidth)"
    assert max(shop.browser.execute_script(wide)) <= 0
    shop["dialog-cancel"].click()
    tree = shop.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    controls = {"button", "textbox", "searchbox", "combobox", "spinbutton", "link"}
    named = [(node["role"]["value"], node["name"]["value"]) for node in tree if node["role"]["value"] in controls]
    assert len(named) >= 20
    assert [control for control in named if not control[1]] == []
    shop.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    errors = [entry["message"] for entry in shop.browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert [error for error in errors if "Failed to load resource" not in error] == []
