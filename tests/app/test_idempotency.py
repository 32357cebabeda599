"""A request with an Idempotency-Key is done once, however often it comes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from test_api import API, make


def send(client, path, body, key):
    return client.post(path, json=body, headers={"Idempotency-Key": key})


@pytest.mark.parametrize("path", ["/insert", f"{API}/users"])
def test_a_request_that_comes_again_makes_no_second_row_and_is_answered_the_same(client, path):
    first, again = (send(client, path, {"name": "Ann"}, "one") for _ in range(2))
    assert (again.status_code, again.data, again.mimetype) == (first.status_code, first.data, first.mimetype)
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert len(client.get("/fetch").json["users"]) == 1
    assert send(client, path, {"name": "Ann"}, "two").status_code == first.status_code
    assert len(client.get("/fetch").json["users"]) == 2


def test_an_order_that_comes_again_takes_nothing_more_from_the_stock(client):
    ann = make(client, "users", name="Ann")
    tea = make(client, "products", sku="TEA", name="Tea", price=1, stock=5)
    body = {"user_id": ann["id"], "items": [{"product_id": tea["id"], "quantity": 3}]}
    first, again = (send(client, f"{API}/orders", body, "order") for _ in range(2))
    assert (first.status_code, again.status_code, first.json) == (201, 201, again.json)
    assert client.get(f"{API}/products/{tea['id']}").json["stock"] == 2


def test_of_equal_requests_at_once_one_is_done(app, client):
    def create(_):
        return send(app.test_client(), f"{API}/users", {"name": "Ann"}, "at-once")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(create, range(8)))
    assert {(answer.status_code, answer.data) for answer in answers} == {(201, answers[0].data)}
    assert len(client.get("/fetch").json["users"]) == 1


def test_a_key_of_another_request_is_refused(client, sentence):
    send(client, f"{API}/users", {"name": "Ann"}, "key")
    for path, body in ((f"{API}/users", {"name": "Ben"}), ("/insert", {"name": "Ann"})):
        message = sentence(send(client, path, body, "key"), 422)
        assert message == "This Idempotency-Key has been used for another request."
    assert send(client, f"{API}/users", {"name": "Ann"}, "KEY").status_code == 201, "keys differ by their case"


def test_what_was_refused_is_tried_again(client):
    tea = {"sku": "TEA", "name": "Tea", "price": 1}
    first = make(client, "products", **tea)
    assert send(client, f"{API}/products", tea, "key").status_code == 409
    client.delete(f"{API}/products/{first['id']}")
    assert send(client, f"{API}/products", tea, "key").status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "\u00fc"])
def test_what_is_no_key_is_refused(client, sentence, key):
    assert "Idempotency-Key must be" in sentence(send(client, f"{API}/users", {"name": "Ann"}, key), 400)


def test_a_key_is_forgotten_after_a_day(empty, client):
    send(client, f"{API}/users", {"name": "Ann"}, "old")
    send(client, f"{API}/users", {"name": "Ann"}, "younger")
    age = f"UPDATE {empty.database}.idempotency_keys SET created_at = utc_timestamp(6) - INTERVAL"
    empty.server.run(
        f"{age} 1441 MINUTE WHERE idempotency_key = 'old'", f"{age} 1439 MINUTE WHERE idempotency_key = 'younger'"
    )
    send(client, f"{API}/users", {"name": "Ann"}, "new")
    keys = empty.server.run(f"SELECT idempotency_key FROM {empty.database}.idempotency_keys ORDER BY 1")
    assert keys == [("new",), ("younger",)]


def test_a_page_may_send_the_key_and_read_whether_the_answer_is_an_old_one(client):
    asked = client.options(f"{API}/users", headers={"Origin": "https://page.example"})
    assert "Idempotency-Key" in asked.headers["Access-Control-Allow-Headers"]
    assert "Idempotency-Replayed" in asked.headers["Access-Control-Expose-Headers"]
