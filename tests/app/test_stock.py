"""The stock of products: what is ordered is taken from it, what is cancelled goes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from test_api import API, make


@pytest.fixture
def ann(client):
    return make(client, "users", name="Ann")


@pytest.fixture
def tea(client):
    return make(client, "products", sku="TEA-1", name="Tea", price="4.50", stock=5)


def line(product, quantity):
    return {"product_id": product["id"], "quantity": quantity}


def left(client, product):
    return client.get(f"{API}/products/{product['id']}").json["stock"]


def test_what_is_ordered_is_taken_and_what_is_not_there_is_refused(client, sentence, ann, tea):
    make(client, "orders", user_id=ann["id"], items=[line(tea, 3)])
    assert left(client, tea) == 2
    body = {"user_id": ann["id"], "items": [line(tea, 3)]}
    assert sentence(client.post(f"{API}/orders", json=body), 409) == (f"Of product {tea['id']}, Tea, only 2 are left.")
    make(client, "orders", user_id=ann["id"], items=[line(tea, 2)])
    assert sentence(client.post(f"{API}/orders", json=body), 409) == f"Product {tea['id']}, Tea, is sold out."
    assert (left(client, tea), len(client.get(f"{API}/orders").json["items"])) == (0, 2)


def test_of_an_order_that_is_refused_nothing_is_taken(client, sentence, ann, tea):
    cup = make(client, "products", sku="CUP", name="Cup", price=3, stock=1)
    body = {"user_id": ann["id"], "items": [line(tea, 5), line(cup, 2)]}
    assert "Cup" in sentence(client.post(f"{API}/orders", json=body), 409)
    nobody = {"user_id": ann["id"] + 1000, "items": [line(tea, 5)]}
    assert sentence(client.post(f"{API}/orders", json=nobody), 409) == "There is no such user."
    assert (left(client, tea), left(client, cup)) == (5, 1)


def test_what_is_not_counted_can_always_be_ordered(client, ann):
    air = make(client, "products", sku="AIR", name="Air", price=0)
    make(client, "orders", user_id=ann["id"], items=[line(air, 1_000_000)])
    assert left(client, air) is None


def test_of_many_orders_at_once_as_many_succeed_as_there_is(app, client, ann, tea):
    cup = make(client, "products", sku="CUP", name="Cup", price=3, stock=50)

    def order(number):
        items = [line(tea, 1), line(cup, 1)]
        body = {"user_id": ann["id"], "items": items if number % 2 else items[::-1]}
        return app.test_client().post(f"{API}/orders", json=body).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(order, range(20)))
    assert sorted(answers) == [201] * 5 + [409] * 15
    assert (left(client, tea), left(client, cup)) == (0, 45)


def test_a_cancelled_order_gives_back_once_and_takes_again_when_it_is_revived(client, sentence, ann, tea):
    order = make(client, "orders", user_id=ann["id"], items=[line(tea, 4)])
    address = f"{API}/orders/{order['id']}"
    for status, stock in (("paid", 1), ("cancelled", 5), ("cancelled", 5), ("new", 1), ("cancelled", 5)):
        assert client.patch(address, json={"status": status}).json == order | {"status": status}
        assert left(client, tea) == stock
    make(client, "orders", user_id=ann["id"], items=[line(tea, 2)])
    assert "only 3 are left" in sentence(client.patch(address, json={"status": "paid"}), 409)
    assert client.get(address).json["status"] == "cancelled"


@pytest.mark.parametrize(("status", "stock"), [("new", 5), ("paid", 5), ("cancelled", 5), ("shipped", 1)])
def test_a_deleted_order_gives_back_what_was_not_shipped(client, ann, tea, status, stock):
    order = make(client, "orders", user_id=ann["id"], items=[line(tea, 4)])
    client.patch(f"{API}/orders/{order['id']}", json={"status": status})
    assert client.delete(f"{API}/orders/{order['id']}").status_code == 204
    assert left(client, tea) == stock


def test_a_product_is_changed_without_touching_its_stock(client, tea):
    """As the release before does, and a page that was opened before somebody ordered."""
    address = f"{API}/products/{tea['id']}"
    body = {"sku": "TEA-1", "name": "Green tea", "price": "5.00"}
    assert client.put(address, json=body).json == {"id": tea["id"], **body, "stock": 5}
    assert client.put(address, json=body | {"stock": 7}).json["stock"] == 7
    assert client.put(address, json=body | {"stock": None}).json["stock"] is None


def test_what_the_release_before_ordered_was_not_taken_and_does_not_go_back(empty, client, ann, tea):
    schema = empty.database
    empty.server.run(f"INSERT INTO {schema}.orders (id, user_id) VALUES (7, {ann['id']})")
    columns = "order_id, product_id, quantity, price"
    empty.server.run(f"INSERT INTO {schema}.order_items ({columns}) VALUES (7, {tea['id']}, 2, 4.50)")
    assert client.patch(f"{API}/orders/7", json={"status": "cancelled"}).json["total"] == "9.00"
    assert left(client, tea) == 5
