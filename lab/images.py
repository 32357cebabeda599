"""Guest images, built once from the host's own distribution and cached by a digest of all they are made from.

Four of them: what instances start from (the stand-in for the public Ubuntu or Debian AMI), what databases run on, what
caches of CloudFront run out of, which is built when the first distribution is made, and what the rule engine of WAF
runs out of, which is built when the first web ACL is made.
Package sources, proxies and certificates are the host's, handed on, never written down here.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from . import config

_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclasses.dataclass(frozen=True)
class Image:
    """One guest root: packages of a suite, what hooks do inside it, and files put over it."""

    name: str
    suite: str
    packages: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    hooks: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        made_from = json.dumps([dataclasses.asdict(self), _sources(self.suite), _apt_settings()], sort_keys=True)
        return hashlib.sha256(made_from.encode()).hexdigest()[:16]

    @property
    def path(self) -> Path:
        return config.IMAGES / f"{self.name}-{self.digest}"

    def build(self) -> Path:
        """Build the root unless it is in the cache; about 30 s. An interrupted build leaves nothing that is used."""
        if self.path.is_dir():
            return self.path
        partial = self.path.with_name(self.path.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.parent.mkdir(parents=True, exist_ok=True)
        command = [
            "mmdebstrap",
            "--variant=minbase",
            "--mode=root",
            "--format=directory",
            f"--include={','.join(self.packages)}",
            '--aptopt=Acquire::Check-Valid-Until "false"',
            '--dpkgopt=path-exclude="/usr/share/doc/*"',
            '--dpkgopt=path-exclude="/usr/share/man/*"',
            *(f"--aptopt={line}" for line in _apt_settings()),
            *(f"""--customize-hook=chroot "$1" sh -c '{hook}'""" for hook in self.hooks),
            *(f"""--customize-hook=chroot "$1" sh -c 'rm -rf {path}'""" for path in self.removed),  # * is the guest's
            self.suite,
            str(partial),
            *_sources(self.suite),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())
        if done.returncode:
            shutil.rmtree(partial, ignore_errors=True)
            raise RuntimeError(f"cannot build the image {self.name}: {done.stderr.strip()[-2000:]}")
        for name, text in self.files:
            file = partial / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            file.write_text(text)
        if _BUNDLE.exists():  # a host behind its own authority hands it on
            bundle = partial / _BUNDLE.relative_to("/")
            bundle.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(_BUNDLE, bundle)
        partial.rename(self.path)
        return self.path


@functools.cache
def release() -> dict[str, str]:
    """ID, VERSION_ID and VERSION_CODENAME of the host, which are the guests' too."""
    found = platform.freedesktop_os_release()
    return {key: found[key] for key in ("ID", "VERSION_ID", "VERSION_CODENAME")}


def base() -> Image:
    """What instances start from."""
    user = "ubuntu" if release()["ID"] == "ubuntu" else "admin"  # as on the distribution's own AMIs
    return Image(
        name="base",
        suite=release()["VERSION_CODENAME"],
        packages=(
            *("systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "cloud-init", "ca-certificates", "curl"),
            *("python3", "python3-venv", "python3-apt", "iproute2", "iputils-ping", "procps", "netbase", "less"),
        ),
        files=(
            *_common_files(),
            ("etc/cloud/cloud.cfg", _CLOUD_INIT.replace("@USER@", user)),
            ("etc/cloud/ds-identify.cfg", "policy: enabled\n"),
            (
                "etc/systemd/system.conf.d/aws.conf",
                f"[Manager]\nDefaultEnvironment=AWS_ENDPOINT_URL={config.ENDPOINT}\n",
            ),
            ("etc/hypervisor-uuid", "ec2e1916-9099-7caf-fd21-012345abcdef\n"),
            ("etc/fstab", ""),
        ),
        hooks=(
            # By this number, which Xen shows on EC2, cloud-init knows that it is on AWS, and only then speaks IMDSv2.
            # A guest's /sys is the host's and takes no file: cloud-init looks for it elsewhere.
            'sed -i "s,/sys/hypervisor/uuid,/etc/hypervisor-uuid," '
            "/usr/lib/python3/dist-packages/cloudinit/sources/DataSourceEc2.py",
        ),
        removed=("/etc/ssh/ssh_host_*", "/etc/hostname", "/etc/cloud/cloud.cfg.d"),
    )


def database() -> Image:
    """What RDS instances run on: the distribution's MySQL; Debian has it in unstable only."""
    return Image(
        name="mysql",
        suite="sid" if release()["ID"] == "debian" else release()["VERSION_CODENAME"],
        packages=("systemd", "systemd-sysv", "dbus", "iproute2", "mysql-server", "ca-certificates"),
        files=(
            *_common_files(),
            ("etc/mysql/mysql.conf.d/zz-lab.cnf", _MYSQL),
            ("etc/systemd/system/mysql.service.d/lab.conf", "[Service]\nRestart=always\n"),
            ("etc/fstab", ""),
        ),
        removed=("/etc/hostname", "/var/lib/mysql/auto.cnf"),
    )


def edge() -> Image:
    """What CloudFront's caches run out of: the distribution's Varnish, and the C compiler that it needs for VCL."""
    return Image(
        name="edge",
        suite=release()["VERSION_CODENAME"],
        packages=("varnish",),
        files=(),
        removed=("/var/cache/apt/archives", "/var/lib/apt/lists/*", "/usr/share/locale"),
    )


def firewall() -> Image:
    """What the rule engine of WAF runs out of: libmodsecurity, the OWASP Core Rule Set, and a Python."""
    library = "libmodsecurity3" if release()["ID"] == "debian" else "libmodsecurity3t64"
    return Image(
        name="firewall",
        suite=release()["VERSION_CODENAME"],
        packages=("python3", library, "modsecurity-crs"),
        files=(),
        removed=("/var/cache/apt/archives", "/var/lib/apt/lists/*", "/usr/share/locale"),
    )


def prune(*kept: Image) -> None:
    """Drop cached images that today's recipes no longer make, and builds that were cut off."""
    for path in config.IMAGES.glob("*") if config.IMAGES.exists() else ():
        if path not in {image.path for image in kept}:
            shutil.rmtree(path, ignore_errors=True)


def pip_conf() -> tuple[str, str]:
    """Name and text of a guest's file that has pip take packages from where the host's does."""
    lines = (f"{key} = {value}\n" for key, value in sorted(_pip_settings().items()))
    return "etc/pip.conf", "".join(("[global]\n", *lines))


def _common_files() -> tuple[tuple[str, str], ...]:
    apt = "".join(f"{line};\n" for line in _apt_settings())
    return (
        ("etc/resolv.conf", f"nameserver {config.RESOLVER_ADDRESS}\nsearch ec2.internal\n"),
        pip_conf(),
        ("etc/apt/apt.conf.d/90host", apt),
        ("etc/machine-id", ""),  # empty and not missing, which would be a first boot with every unit preset anew
    )


def _sources(suite: str) -> list[str]:
    """One-line apt sources of a suite, from where the host takes its own packages."""
    fields = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    targets = sorted({tuple(line.split()) for line in fields if line.count(" ") == 2})
    own = release()["VERSION_CODENAME"]
    if suite != own:  # the main archive carries every suite
        return [f"deb {uri} {suite} {part}" for uri, name, part in targets if name == own and part == "main"]
    ours = [(uri, name, part) for uri, name, part in targets if name.split("-")[0] == own]
    return [f"deb {uri} {name} {part}" for uri, name, part in ours]


@functools.cache
def _apt_settings() -> tuple[str, ...]:
    """The host's proxies and certificates for apt, as lines of apt.conf."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    wanted = ("Acquire::http::Proxy", "Acquire::https::Proxy", "Acquire::https::CaInfo", "Acquire::Retries")
    return tuple(line.rstrip(";") for line in dump.splitlines() if line.split(" ")[0] in wanted)


@functools.cache
def _pip_settings() -> dict[str, str]:
    """The host's index and proxy for pip; paths on the host mean nothing in a guest and stay behind."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False, env=os.environ
    ).stdout
    settings = {"cert": str(_BUNDLE), "disable-pip-version-check": "true"}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2]
        value = " ".join(word for word in value.strip("'\"").split() if "://" in word and not word.startswith("file:"))
        if key in ("index-url", "extra-index-url", "proxy", "trusted-host") and value:
            settings[key] = value
    return settings


def _environment() -> dict[str, str]:
    return {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


# Only the modules that EC2 images need: with all of them a boot takes 17 s, with these about 3.
_CLOUD_INIT = f"""\
users: [default]
disable_root: true
ssh_pwauth: false
preserve_hostname: false
ssh_deletekeys: true
ssh_genkeytypes: [ed25519]
network: {{config: disabled}}
datasource_list: [Ec2]
datasource:
  Ec2:
    strict_id: false
    metadata_urls: ["http://{config.METADATA_ADDRESS}"]
    max_wait: 30
    timeout: 5
cloud_init_modules: [bootcmd, write-files, set_hostname, update_hostname, users-groups, ssh]
cloud_config_modules: [runcmd]
cloud_final_modules: [package-update-upgrade-install, scripts-user, final-message, power-state-change]
system_info:
  distro: {release()["ID"]}
  default_user:
    name: "@USER@"
    lock_passwd: true
    gecos: Default user
    groups: [adm, systemd-journal]
    sudo: ["ALL=(ALL) NOPASSWD:ALL"]
    shell: /bin/bash
  paths: {{cloud_dir: /var/lib/cloud, templates_dir: /etc/cloud/templates}}
  ssh_svcname: ssh
"""

# Small, as a free-tier database is; certificates are put in when the instance is made.
_MYSQL = """\
[mysqld]
bind-address = 0.0.0.0
mysqlx = OFF
performance_schema = OFF
innodb_buffer_pool_size = 64M
innodb_redo_log_capacity = 32M
disable_log_bin
max_connections = 66
ssl_ca = /etc/mysql/tls/ca.pem
ssl_cert = /etc/mysql/tls/server.pem
ssl_key = /etc/mysql/tls/server.key
"""
