"""Users, products and orders under /api/v1."""

from __future__ import annotations

import datetime
import re

import pymysql
import pytest

API = "/api/v1"


def make(client, noun, **fields):
    answer = client.post(f"{API}/{noun}", json=fields)
    assert answer.status_code == 201, answer.text
    return answer.json


@pytest.fixture
def ann(client):
    return make(client, "users", name="Ann")


@pytest.fixture
def tea(client):
    return make(client, "products", sku="TEA-1", name="Tea", price="4.50")


@pytest.fixture
def order(client, ann, tea):
    return make(client, "orders", user_id=ann["id"], items=[{"product_id": tea["id"], "quantity": 2}])


def test_a_user_is_created_read_changed_and_deleted(client, ann):
    address = f"{API}/users/{ann['id']}"
    assert client.get(address).json == {"id": ann["id"], "name": "Ann"}
    assert client.put(address, json={"name": "Anna"}).json == {"id": ann["id"], "name": "Anna"}
    assert client.get("/fetch").json["users"] == [[ann["id"], "Anna"]]
    gone = client.delete(address)
    assert (gone.status_code, gone.data) == (204, b"")
    assert client.get(address).status_code == 404


def test_a_product_is_created_read_changed_and_deleted_with_its_price_to_the_cent(client, tea):
    address = f"{API}/products/{tea['id']}"
    fields = {"sku": "TEA-1", "name": "Tea", "price": "4.50", "stock": None}
    assert client.get(address).json == {"id": tea["id"], **fields}
    changed = client.put(address, json={"sku": "TEA-1", "name": "Green tea", "price": 0.1})
    assert changed.json["price"] == "0.1" or changed.json["price"] == "0.10"
    assert client.get(address).json == tea | {"name": "Green tea", "price": "0.10"}
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_an_order_is_placed_read_changed_and_deleted(client, order, ann, tea):
    address = f"{API}/orders/{order['id']}"
    line = {"product_id": tea["id"], "product_name": "Tea", "quantity": 2, "price": "4.50", "total": "9.00"}
    assert order["items"] == [line]
    assert (order["user_id"], order["user_name"], order["status"], order["total"]) == (ann["id"], "Ann", "new", "9.00")
    assert client.get(address).json == order
    assert client.patch(address, json={"status": "paid"}).json == order | {"status": "paid"}
    assert client.get(address).json["status"] == "paid"
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert client.delete(f"{API}/products/{tea['id']}").status_code == 204, "its items went with the order"


def test_an_order_keeps_the_price_of_its_day(client, order, tea):
    client.put(f"{API}/products/{tea['id']}", json={"sku": "TEA-1", "name": "Tea", "price": "9.99"})
    assert client.get(f"{API}/orders/{order['id']}").json["items"][0]["price"] == "4.50"


@pytest.mark.parametrize("noun", ["users", "products", "orders"])
@pytest.mark.parametrize("key", ["999999", "99999999999999999999"])
def test_what_is_not_there_is_404_with_a_sentence(client, sentence, noun, key):
    for method in (client.get, client.delete):
        assert key in sentence(method(f"{API}/{noun}/{key}"), 404)


@pytest.mark.parametrize(
    ("noun", "body", "said"),
    [
        ("users", {"name": "Ann", "age": 7}, "age is not known here."),
        ("users", {"name": " "}, "name is empty."),
        ("products", {"sku": "a b", "name": "Tea", "price": 1}, "sku"),
        ("products", {"sku": "a", "name": "Tea", "price": -1}, "price"),
        ("products", {"sku": "a", "name": "Tea", "price": "1.005"}, "price"),
        ("products", {"sku": "a", "name": "Tea", "price": 1e12}, "price"),
        ("products", {"sku": "a", "name": "Tea", "price": "NaN"}, "price"),
        ("products", {"sku": "a", "name": "Tea"}, "price is missing."),
        ("products", {"sku": "a", "name": "Tea", "price": True}, "price must be a price from 0 to 99999999.99"),
        ("products", {"sku": "a", "name": "Tea", "price": "1e3"}, "price must be"),
        ("products", {"sku": "a", "name": "Tea\u0000", "price": 1}, "name holds"),
        ("products", {"sku": "a", "name": "Tea", "price": 1, "stock": -1}, "stock must be at least 0."),
        ("products", {"sku": "a", "name": "Tea", "price": 1, "stock": 1.5}, "stock must be a whole number."),
        ("users", {"name": ["Ann"]}, "name must be text."),
        ("users", {"na\nme": "Ann", "name": "Ann"}, "na?me is not known here."),
        ("orders", {"user_id": "1", "items": [{"product_id": 1, "quantity": 1}]}, "user_id must be a whole number."),
        ("orders", {"user_id": 1, "items": []}, "items"),
        ("orders", {"user_id": 1, "items": [{"product_id": 1, "quantity": 0}]}, "quantity"),
        ("orders", {"user_id": 2**40, "items": [{"product_id": 1, "quantity": 1}]}, "user_id"),
        ("orders", {"user_id": 1, "items": [{"product_id": 1, "quantity": 1}] * 2}, "once"),
    ],
)
def test_bad_input_is_400_and_says_which_field(client, sentence, noun, body, said):
    assert said in sentence(client.post(f"{API}/{noun}", json=body), 400)
    assert client.get(f"{API}/{noun}").json["items"] == []


def test_a_body_far_too_large_is_413_and_says_how_large_it_may_be(client, sentence):
    for size in (70_000, 2_000_000):
        said = sentence(client.post(f"{API}/users", json={"name": "x" * size}), 413)
        assert said == "This is too large: a JSON body may have up to 64 KiB."


def test_a_body_that_is_no_object_is_said_so(client, sentence):
    assert sentence(client.post(f"{API}/users", json=[]), 400) == "The body must be a JSON object."
    nested = {"user_id": 1, "items": [7]}
    assert sentence(client.post(f"{API}/orders", json=nested), 400) == "items.0 must be a JSON object."


def test_the_time_of_an_order_says_its_offset(client, order):
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", order["created_at"])
    age = datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(order["created_at"])
    assert abs(age.total_seconds()) < 60


def test_how_large_things_may_be_is_told(client):
    limits = client.get(f"{API}/limits").json
    assert limits == {"max_upload_bytes": 1024 * 1024, "max_name_characters": 255, "max_json_bytes": 65536}


def test_an_unknown_state_of_an_order_is_refused(client, sentence, order):
    assert "status" in sentence(client.patch(f"{API}/orders/{order['id']}", json={"status": "eaten"}), 400)


def test_two_products_cannot_share_a_sku(client, sentence, tea):
    twin = {"sku": "TEA-1", "name": "Other tea", "price": 1}
    assert sentence(client.post(f"{API}/products", json=twin), 409) == "Another product has this SKU."
    other = make(client, "products", sku="TEA-2", name="Other tea", price=1)
    assert sentence(client.put(f"{API}/products/{other['id']}", json=twin), 409) == "Another product has this SKU."


def test_who_has_ordered_and_what_was_ordered_cannot_be_deleted(client, sentence, order, ann, tea):
    assert sentence(client.delete(f"{API}/users/{ann['id']}"), 409) == "The user still has orders."
    message = sentence(client.delete(f"{API}/products/{tea['id']}"), 409)
    assert message == "The product is still part of an order."
    assert client.get(f"{API}/orders/{order['id']}").json == order


def test_nobody_and_nothing_cannot_be_ordered(client, sentence, ann, tea):
    item = {"product_id": tea["id"], "quantity": 1}
    body = {"user_id": ann["id"] + 1000, "items": [item]}
    assert sentence(client.post(f"{API}/orders", json=body), 409) == "There is no such user."
    body = {"user_id": ann["id"], "items": [item, {"product_id": tea["id"] + 1000, "quantity": 1}]}
    assert sentence(client.post(f"{API}/orders", json=body), 409) == f"There is no product {tea['id'] + 1000}."
    assert client.get(f"{API}/orders").json["items"] == []


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("INSERT INTO users (name) VALUES ('  ')", "ck_users_name"),
        ("INSERT INTO users (name) VALUES (NULL)", "name"),
        ("INSERT INTO products (sku, name, price) VALUES ('a', 'b', -0.01)", "ck_products_price"),
        ("INSERT INTO products (sku, name, price) VALUES ('TEA-1', 'b', 1)", "uq_products_sku"),
        ("INSERT INTO orders (user_id) VALUES (0)", "fk_orders_user_id"),
        ("UPDATE orders SET status = 'eaten'", "ck_orders_status"),
        ("UPDATE order_items SET quantity = 0", "ck_order_items_quantity"),
        ("UPDATE order_items SET product_id = 0", "fk_order_items_product_id"),
        ("DELETE FROM users", "fk_orders_user_id"),
    ],
)
def test_the_database_itself_refuses_what_must_not_be(empty, order, statement, broken):
    with pytest.raises(pymysql.err.MySQLError, match=broken):
        empty.server.run(f"USE {empty.database}", statement)


def test_pages_hold_every_row_once_although_rows_come_and_go_between_them(client):
    made = [make(client, "users", name=f"user {number}")["id"] for number in range(25)]
    first = client.get(f"{API}/users?limit=10").json
    assert [user["id"] for user in first["items"]] == made[:10]
    client.delete(f"{API}/users/{made[0]}")
    made.append(make(client, "users", name="late")["id"])
    seen, after = [user["id"] for user in first["items"]], first["next"]
    while after is not None:
        page = client.get(f"{API}/users?limit=10&after={after}").json
        seen += [user["id"] for user in page["items"]]
        after = page["next"]
    assert seen == made


def test_the_last_full_page_names_no_next_one(client):
    for number in range(10):
        make(client, "users", name=f"user {number}")
    assert client.get(f"{API}/users?limit=10").json["next"] is None
    assert client.get(f"{API}/users?limit=9").json["next"] is not None


def test_orders_of_one_user_are_paged_too(client, order, ann, tea):
    ben = make(client, "users", name="Ben")
    items = [{"product_id": tea["id"], "quantity": 1}]
    theirs = [make(client, "orders", user_id=ben["id"], items=items)["id"] for _ in range(3)]
    first = client.get(f"{API}/orders?user_id={ben['id']}&limit=2").json
    rest = client.get(f"{API}/orders?user_id={ben['id']}&limit=2&after={first['next']}").json
    assert [found["id"] for found in first["items"] + rest["items"]] == theirs
    assert rest["next"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "after=-1", "page=2", "sort=pin"])
@pytest.mark.parametrize("noun", ["users", "products", "orders", "files"])
def test_a_page_that_cannot_be_is_refused(client, sentence, noun, query):
    if (noun, query) == ("files", "after=-1"):
        assert client.get(f"{API}/files?after=-1").status_code == 200, "a file may have any name"
        return
    assert query.partition("=")[0] in sentence(client.get(f"{API}/{noun}?{query}"), 400)


def names(client, noun, query):
    """The names on all pages, each asked for with what the page before said."""
    found, after = [], 0
    while after is not None:
        page = client.get(f"{API}/{noun}?limit=3&after={after}&{query}").json
        found += [row["name"] for row in page["items"]]
        after = page["next"]
    return found


MIXED = ["Ben", "ann", "Zoë", "50%", "Ann", "Ann", "a_b", "Cleo", "Ünal"]


def test_users_are_sorted_by_name_over_all_pages_both_ways(client):
    for name in MIXED:
        make(client, "users", name=name)
    upwards = names(client, "users", "sort=name")
    assert [name.lower() for name in upwards] == ["50%", "a_b", "ann", "ann", "ann", "ben", "cleo", "ünal", "zoë"]
    assert names(client, "users", "sort=-name") == upwards[::-1]
    assert names(client, "users", "sort=-id") == MIXED[::-1]


def test_products_are_sorted_by_price_and_sku_over_all_pages(client):
    prices = ["9.50", "10", "0.07", "10", "9.5", "100", "0"]
    for number, price in enumerate(prices):
        make(client, "products", sku=f"S{9 - number}", name=f"{number}", price=price)
    assert names(client, "products", "sort=price") == ["6", "2", "0", "4", "1", "3", "5"]
    assert names(client, "products", "sort=-price") == ["5", "3", "1", "4", "0", "2", "6"]
    assert names(client, "products", "sort=sku") == ["6", "5", "4", "3", "2", "1", "0"]


def test_a_row_that_goes_between_two_sorted_pages_shifts_nothing(client):
    made = [make(client, "users", name=name)["id"] for name in "ABCDEF"]
    first = client.get(f"{API}/users?limit=3&sort=name").json
    client.delete(f"{API}/users/{made[2]}")  # the one that the next page starts after
    rest = client.get(f"{API}/users?limit=3&sort=name&after={first['next']}").json
    assert [user["name"] for user in rest["items"]] == ["D", "E", "F"]


@pytest.mark.parametrize(
    ("search", "found"),
    [("ann", ["ann", "Ann", "Ann"]), ("N", ["Ben", "ann", "Ann", "Ann", "Ünal"]), ("%", ["50%"]), ("_", ["a_b"])],
)
def test_users_and_products_are_searched_by_a_part_of_their_name(client, search, found):
    for number, name in enumerate(MIXED):
        make(client, "users", name=name)
        make(client, "products", sku=f"S{number}", name=name, price=1)
    for noun in ("users", "products"):
        answer = client.get(f"{API}/{noun}", query_string={"search": search, "count": "true", "limit": 2}).json
        assert ([row["name"] for row in answer["items"]], answer["total"]) == (found[:2], len(found))


def test_one_jumps_over_rows_and_counts_them_only_when_told_to(client):
    for number in range(7):
        make(client, "users", name=f"user {number}")
    third = client.get(f"{API}/users?limit=2&skip=4&count=true&sort=name").json
    assert ([user["name"] for user in third["items"]], third["total"]) == (["user 4", "user 5"], 7)
    assert client.get(f"{API}/users?limit=2").json["total"] is None
    assert client.get(f"{API}/users?skip=7").json["items"] == []


def test_orders_are_found_by_state_and_by_the_user_s_name_the_newest_first(client, ann, tea):
    ben = make(client, "users", name="Ben")
    items = [{"product_id": tea["id"], "quantity": 1}]
    ids = [make(client, "orders", user_id=who["id"], items=items)["id"] for who in (ann, ben, ann)]
    client.patch(f"{API}/orders/{ids[2]}", json={"status": "paid"})

    def found(query):
        return [order["id"] for order in client.get(f"{API}/orders?{query}").json["items"]]

    assert found("sort=-id") == ids[::-1]
    assert found("search=AN&sort=-id") == [ids[2], ids[0]]
    assert found("search=an&status=new") == [ids[0]]
    assert found("status=shipped") == []


def test_totals_are_exact(client, ann):
    cheap = make(client, "products", sku="A", name="Screw", price="0.07")
    dear = make(client, "products", sku="B", name="Machine", price="99999999.99")
    items = [{"product_id": cheap["id"], "quantity": 3}, {"product_id": dear["id"], "quantity": 1_000_000}]
    order = make(client, "orders", user_id=ann["id"], items=items)
    assert [item["total"] for item in order["items"]] == ["0.21", "99999999990000.00"]
    assert order["total"] == "99999999990000.21"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_of_another_type_is_415(client, sentence, kind):
    answer = client.post(f"{API}/users", data='{"name": "Ann"}', content_type=kind)
    assert "Content-Type: application/json" in sentence(answer, 415)
    assert client.post("/insert", data='{"name": "Ann"}', content_type=kind).status_code == 200
