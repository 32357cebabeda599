def test_smoke(client):
    print(client.get("/").json)
    for p in ("/ready", "/fetch", "/list_files", "/get_file_metadata", "/api/v1/openapi.json"):
        r = client.get(p)
        print(r.status_code, r.text[:300])
    r = client.post("/insert", json={"name": "Ann"})
    print(r.status_code, r.text)
    r = client.post("/insert", data="x")
    print(r.status_code, r.text)
    r = client.post("/insert", json={"name": "  "})
    print(r.status_code, r.text)
    r = client.get("/fetch")
    print(r.status_code, r.text)
    assert 0
