"""Playbooks by the warm connection and by the stock way, each against an empty region of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

TOP = Path(__file__).resolve().parents[4]
HERE = Path(__file__).resolve().parent
BIN = Path(os.environ.get("THREETIER_COMPAT_BIN", Path(sys.executable).parent))  # tests/compat/run sets it


@pytest.fixture(autouse=True)
def account() -> None:
    """Not the one inside moto: these modules run in processes of their own."""


@pytest.fixture(scope="session")
def endpoints() -> Iterator[dict[bool, str]]:
    """One for each way, so that both find the same."""
    command = [sys.executable, "-m", "lab", "api", "--port", "0"]
    environment = os.environ | {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false", "MOTO_IAM_LOAD_MANAGED_POLICIES": "false"}
    with ExitStack() as stack:
        found = {}
        for warm in (True, False):
            server = subprocess.Popen(command, cwd=TOP, env=environment, stdout=subprocess.PIPE, text=True)
            stack.enter_context(server)
            stack.callback(server.terminate)
            found[warm] = server.stdout.readline().strip()
        yield found


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """community.aws as it is installed, with the probe and its relatives."""
    installed = TOP / ".venv/collections/ansible_collections/community/aws"
    top = tmp_path_factory.mktemp("collections")
    place = top / "ansible_collections/community/aws"
    for part in ("MANIFEST.json", "meta", "plugins/doc_fragments", "plugins/modules/*.py", "plugins/module_utils/*"):
        for path in installed.glob(part):
            link = place / path.relative_to(installed)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    (place / "plugins/module_utils/warns.py").write_text(
        "from ansible.module_utils.common import warnings\nwarnings.warn('said as it is loaded')\n"
    )
    source = (HERE / "probe.py").read_text()
    for name, text in {
        "probe": source,
        "broken": source.replace("import locale", "import no_such_library"),
        "warns": source.replace("import locale\n", "import locale\nfrom ..module_utils import warns\n"),
        "needy": source.replace(
            "import locale\n", "from ansible_collections.community.general.plugins.module_utils import version\n"
        ).replace("locale.getpreferredencoding()", "version.__name__"),
    }.items():
        (place / f"plugins/modules/{name}.py").write_text(text)
    return top


class Run:
    """A finished ansible-playbook."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.returncode = done.returncode
        self.output = done.stdout + done.stderr
        self.errors = done.stderr
        self._stdout = done.stdout

    @property
    def results(self) -> dict[str, Any]:
        """Of each task, by its name."""
        plays = json.loads(self._stdout[self._stdout.index("{\n") :])["plays"]
        return {task["task"]["name"]: task["hosts"] for play in plays for task in play["tasks"]}


@pytest.fixture(scope="session")
def settings(collections: Path, endpoints: dict[bool, str]) -> Callable[..., dict[str, str]]:
    """The environment of ansible-playbook."""

    def make(warm: bool, **more: str) -> dict[str, str]:
        return os.environ | {
            "ANSIBLE_COLLECTIONS_PATH": f"{collections}:{TOP / '.venv/collections'}",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
            "ANSIBLE_DEPRECATION_WARNINGS": "true",
            "ANSIBLE_PIPELINING": "false",
            "ANSIBLE_NOCOLOR": "1",
            "THREETIER_AWS_WARM": str(warm),
            "AWS_ENDPOINT_URL": endpoints[warm],
            "AWS_ACCESS_KEY_ID": "AKIAUNITTESTSONLY000",
            "AWS_SECRET_ACCESS_KEY": "never-a-real-secret-of-anyone-at-all",
            "AWS_REGION": "us-east-1",
            **more,
        }

    return make


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[str]]:
    """command(tasks, …) writes a playbook for localhost, or as many hosts, and says what runs it."""

    def make(tasks: list[dict[str, Any]], *arguments: str, hosts: int = 1, **variables: Any) -> list[str]:
        place = tmp_path_factory.mktemp("play")
        common = {
            "ansible_connection": "threetier.aws.warm_local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }
        names = ["localhost", *(f"host{n}" for n in range(2, hosts + 1))]
        inventory = {"all": {"hosts": dict.fromkeys(names), "vars": common | variables}}
        (place / "hosts.yml").write_text(yaml.safe_dump(inventory))
        play = {"hosts": "all", "gather_facts": False, "ignore_errors": True, "diff": True, "tasks": tasks}
        (place / "play.yml").write_text(yaml.safe_dump([play]))
        return [str(BIN / "ansible-playbook"), "-i", str(place / "hosts.yml"), str(place / "play.yml"), *arguments]

    return make


@pytest.fixture(scope="session")
def run(command: Callable[..., list[str]], settings: Callable[..., dict[str, str]]) -> Callable[..., Run]:
    def do(
        tasks: list[dict[str, Any]],
        *arguments: str,
        warm: bool = True,
        env: dict[str, str] | None = None,
        **variables: Any,
    ) -> Run:
        return Run(
            subprocess.run(
                command(tasks, *arguments, **variables),
                env=settings(warm, **(env or {})),
                cwd="/",
                text=True,
                capture_output=True,
                timeout=540,
                check=False,
            )
        )

    return do
