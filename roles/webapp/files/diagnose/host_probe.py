"""What an instance sees of itself and of what it needs, as JSON. Takes the right time as its argument.

Runs as root with the system's Python and needs no disk. The application's own Python and packages are used where the
application's way has to be gone: with its settings, its credentials and its authorities.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

HOME, CONFIG = "/opt/flask-app", "/etc/flask-app/environment"
IGNORED = ("autofs", "cgroup2", "devpts", "devtmpfs", "iso9660", "mqueue", "proc", "ramfs", "squashfs", "sysfs")

# Secret and login, in the application's Python. Says an empty string for what works.
NEEDS = """
import json, ssl, sys
import boto3, botocore.config, pymysql
settings, said = json.load(sys.stdin), {}
try:
    patience = botocore.config.Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 1})
    secrets = boto3.client("secretsmanager", region_name=settings["AWS_REGION"], config=patience)
    found = json.loads(secrets.get_secret_value(SecretId=settings["DATABASE_SECRET_ARN"])["SecretString"])
    said["secret"] = ""
except Exception as error:
    said["secret"] = f"It cannot be read: {error}"[:300]
else:
    try:
        pymysql.connect(host=settings["DATABASE_HOST"], port=int(settings["DATABASE_PORT"]), connect_timeout=5,
                        user=found["username"], password=found["password"], database=settings["DATABASE_NAME"],
                        read_timeout=5, ssl=ssl.create_default_context(cafile=settings["DATABASE_CA_BUNDLE"])).close()
        said["login"] = ""
    except ssl.SSLError as error:
        said["login"] = f"TLS fails: {error}"[:300]
    except Exception as error:
        said["login"] = f"The login fails: {error}"[:300]
print(json.dumps(said))
"""


def main(now):
    return {
        "clock": {"offset": time.time() - now},
        "uptime": int(lines("ps", "-o", "etimes=", "-p", "1")[0]),
        "kernel": os.uname().release,
        "unit": dict(line.split("=", 1) for line in lines("systemctl", "show", "flask-app", "--property", UNIT)),
        "log": lines("journalctl", "--unit", "flask-app", "--lines", "5", "--no-pager", "--output", "cat"),
        "ready": ready(),
        "needs": needs(),
        "disk": disks(),
        "upgrades": upgrades(),
        "reboot": os.path.exists("/run/reboot-required"),
    }


UNIT = "ActiveState,SubState,Result,NRestarts,ActiveEnterTimestamp"


def read(path):
    with open(path) as file:
        return file.read()


def lines(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=20)
    return [line for line in done.stdout.splitlines() if line]


def ready():
    try:
        with urllib.request.urlopen("http://127.0.0.1:5000/ready", timeout=25) as answer:
            readers = json.load(answer).get("database_readers", "none")  # releases before 1.4.0 know of none
            return {"status": answer.status, "error": "", "readers": readers}
    except urllib.error.HTTPError as error:
        try:
            cause = error.headers.get("X-Error-Cause", "")
            return {"status": error.code, "error": json.load(error)["error"], "cause": cause}
        except (KeyError, ValueError):
            return {"status": error.code, "error": str(error)}
    except (OSError, ValueError) as error:
        return {"status": 0, "error": f"Nothing answers on port 5000: {error}"}


def needs():
    try:
        settings = dict(line.split("=", 1) for line in read(CONFIG).splitlines() if "=" in line)
        host, port = settings["DATABASE_HOST"], int(settings["DATABASE_PORT"])
    except (OSError, KeyError, ValueError) as error:
        return {"settings": f"Its settings in {CONFIG} are missing or wrong: {error}"}
    said = {"host": host}
    try:
        address = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)[0][4]
        said["resolve"] = ""
    except OSError as error:
        return dict(said, resolve=f"The name has no address: {error}")
    try:
        socket.create_connection(address, 5).close()
        said["connect"] = ""
    except OSError as error:
        said["connect"] = f"{address[0]} takes no connection on port {port}: {error}"
    try:
        command = [HOME + "/venv/bin/python", "-c", NEEDS]
        done = subprocess.run(
            command, input=json.dumps(settings), capture_output=True, text=True, timeout=40, env=environment()
        )
        told = json.loads(done.stdout) if done.stdout else {"secret": done.stderr.strip().splitlines()[-1]}
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired) as error:
        told = {"secret": f"It cannot be looked at: {error}"}
    if said["connect"]:
        told.pop("login", None)  # for want of a connection
    return dict(said, **told)


def environment():
    """What systemd gives its services, which the application gets too."""
    found = lines("systemctl", "show-environment")
    return dict(line.split("=", 1) for line in found if "=" in line)


def disks():
    seen = {}
    for line in read("/proc/mounts").splitlines():
        device, mount, kind, options = line.split()[:4]
        if kind in IGNORED or kind.startswith("fuse") or options.split(",")[0] == "ro" or not os.path.isdir(mount):
            continue
        if mount.startswith(("/proc/", "/sys/", "/dev/")):
            continue
        found = os.statvfs(mount)
        if found.f_blocks:
            free, inodes = found.f_bavail / found.f_blocks, found.f_favail / found.f_files if found.f_files else 1
            used = {"mount": mount, "used": round(100 * (1 - free)), "inodes": round(100 * (1 - inodes))}
            seen.setdefault((device if device.startswith("/") else mount, found.f_blocks, free), used)
    return list(seen.values())


def upgrades():
    """Packages that could be newer, by the lists that are there; None without lists."""
    place = "/var/lib/apt/lists"
    if not os.path.isdir(place) or not any("Packages" in name for name in os.listdir(place)):
        return None
    return sum(line.startswith("Inst ") for line in lines("apt-get", "--simulate", "--quiet", "dist-upgrade"))


print(json.dumps(main(float(sys.argv[1]))))
