"""Talks to Sextant's local API with the standard library alone.

    SEXTANT_URL=http://127.0.0.1:4517 SEXTANT_TOKEN=sxt_... python3 sextant_example.py

Starts a run on the sample market, follows it, and prints the weights for the next rebalance.
"""

import csv
import io
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

URL = os.environ.get("SEXTANT_URL", "http://127.0.0.1:4517")
TOKEN = os.environ["SEXTANT_TOKEN"]


class SextantError(Exception):
    """What the API refused; `code` is of its closed list."""

    def __init__(self, status, problem):
        super().__init__(problem.get("detail", f"The host answered {status}."))
        self.status = status
        self.code = problem.get("code", "INTERNAL")
        self.data = problem.get("data")


def ask(method, path, body=None, accept="application/json", **query):
    """The answer as an open response. Waits where the rate was reached; a write keeps its key over all tries."""
    address = f"{URL}/api/v1{path}"
    if query:
        address += "?" + urllib.parse.urlencode(query)
    headers = {"X-API-Token": TOKEN, "Accept": accept}
    if method != "GET":
        headers["Idempotency-Key"] = str(uuid.uuid4())
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    for _ in range(4):
        request = urllib.request.Request(address, data=data, headers=headers, method=method)
        try:
            return urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            if error.code == 429:
                time.sleep(int(error.headers["Retry-After"]))
                continue
            raise SextantError(error.code, json.load(error)) from None
    raise TimeoutError("The rate was reached four times in a row.")


def call(method, path, body=None, **query):
    with ask(method, path, body, **query) as response:
        return json.load(response)


def follow(job):
    """Events of a job until it ends; a line that drops is taken up again after the last event that was seen."""
    after = 0
    while True:
        with ask("GET", f"/jobs/{job}/events", accept="text/event-stream", after=after) as response:
            event = {}
            for raw in response:
                line = raw.decode().rstrip("\n")
                if line == "":
                    if event.get("event") == "done":
                        return
                    if event.get("event") == "message":
                        data = json.loads(event["data"])
                        after = data["seq"]
                        yield data
                    event = {}
                elif not line.startswith(":"):
                    name, _, value = line.partition(":")
                    event[name] = value.removeprefix(" ")


def main():
    started = call("POST", "/datasets/generate", {"name": "sample", "preset": "small", "seed": 1})
    for event in follow(started["job"]):
        if event["type"] == "status":
            print(event["status"])

    config = {
        "data": {"dataset": "sample", "from": "2021-01-01"},
        "model": {"forecast": None, "optimizer": {"id": "inverse-volatility"}},
        "backtest": {"window": {"train": 126}, "lookback": 63},
        "experiment": {"bootstrap": {"replications": 100}},
    }
    run = call("POST", "/runs", {"config": config})
    for event in follow(run["job"]):
        if event["type"] == "status":
            print(event["status"])

    portfolio = call("GET", "/portfolios/latest")
    print(f"{len(portfolio['weights'])} weights decided on {portfolio['decidedOn']}")

    with ask("GET", f"/runs/{run['run']}/series", format="csv") as response:
        rows = csv.DictReader(io.StringIO(response.read().decode()))
        print(f"{sum(1 for _ in rows)} rows of {','.join(rows.fieldnames)}")

    try:
        call("GET", "/runs/no-such-run")
    except SextantError as error:
        print(error.code)


if __name__ == "__main__":
    main()
