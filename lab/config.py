"""Every name, path, address and limit of the lab, in one place."""

from __future__ import annotations

import os
from pathlib import Path

ACCOUNT = "123456789012"

# Where things live. The cache outlives the lab; everything else goes with `lab down`.
CACHE = Path(os.environ.get("THREETIER_LAB_CACHE", "/var/cache/threetier-lab"))
STATE = Path("/var/lib/threetier-lab")
RUN = Path("/run/threetier-lab")

IMAGES = CACHE / "images"  # guest roots, by digest
MACHINES = STATE / "machines"  # overlays of booted guests
LAYERS = STATE / "layers"  # frozen upper layers: the AMIs
SNAPSHOTS = STATE / "snapshots"  # data of databases
LOGS = STATE / "logs"  # binary logs of databases' machines that are gone
MAILBOX = STATE / "mail"  # one .eml for each message
LAMBDA = STATE / "lambda"  # unpacked function code, by digest
PKI = STATE / "pki"
CA_CERT = PKI / "ca.pem"
LOG = Path("/var/log/threetier-lab.log")
LOCK = RUN / "lock"
PID = RUN / "pid"

# The "internet": a documentation range on a bridge of the host. Guests reach the API and the registries through it.
INTERNET = "198.51.100.0/24"
HOST_ADDRESS = "198.51.100.1"
ROUTER_POOL = ("198.51.100.2", "198.51.100.13")  # one for each VPC's router itself
HEALTH_CHECKER_ADDRESS = "198.51.100.14"  # of Route 53
LAMBDA_ADDRESS = "198.51.100.15"  # under which functions are seen
PUBLIC_POOL = ("198.51.100.16", "198.51.100.250")  # public addresses of instances, NAT gateways and balancers
S3_ADDRESS = "198.51.100.251"  # of the host too, for gateway endpoints to lead to; so is the next one
DYNAMODB_ADDRESS = "198.51.100.252"
API_GATEWAY_ADDRESS = "198.51.100.253"
EDGE_ADDRESS = "198.51.100.254"  # of CloudFront
BRIDGE = "t3lab"
API_PORT = 4566
WEBSITE_PORT = 80
ENDPOINT = f"http://{HOST_ADDRESS}:{API_PORT}"
SERVICE_ADDRESSES = {"s3": S3_ADDRESS, "dynamodb": DYNAMODB_ADDRESS}  # services that have one of their own


def endpoint_variables() -> dict[str, str]:
    """Where AWS's clients find the API, as variables of their environment."""
    own = {f"AWS_ENDPOINT_URL_{name.upper()}": f"http://{at}:{API_PORT}" for name, at in SERVICE_ADDRESSES.items()}
    return {"AWS_ENDPOINT_URL": ENDPOINT, **(own if HOST_ADDRESS in ENDPOINT else {})}


# Inside a VPC
METADATA_ADDRESS = "169.254.169.254"
RESOLVER_ADDRESS = "169.254.169.253"
NAME_SERVER_ADDRESS = "127.0.0.1"  # of the router's namespace; its resolver asks there for hosted zones
GATEWAY_ADDRESS = "169.254.1.1"  # next hop of every guest
PREFIX = "t3lab-"  # of every namespace

CGROUP = "threetier-lab"  # holds a cgroup for each guest

BOOT_DEADLINE = 60.0  # seconds a guest may take until its init answers
SPEED = 60.0  # how much faster AWS's own delays pass here (Lambda's retries), unless `lab up --speed` says otherwise

HOSTS_MARK = "threetier-lab"


def keep_apart(state: Path) -> None:
    """Have this process, an API alone, write there: what is in STATE goes with the lab that runs beside it."""
    global MAILBOX, PKI, CA_CERT, LAMBDA
    MAILBOX, PKI, LAMBDA = state / "mail", state / "pki", state / "lambda"
    CA_CERT = PKI / "ca.pem"
