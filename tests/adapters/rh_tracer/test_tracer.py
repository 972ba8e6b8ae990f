"""What the tracer sees of a real run of pytest in another process."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import release_harness.adapters.rh_tracer as tracer

pytestmark = pytest.mark.slow

SHOP = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n[project.scripts]\nshopctl = "shop.control:main"\n',
    "shop/__init__.py": "",
    "shop/money.py": "def total(prices):\n    return sum(add_tax(each) for each in prices)\n\n\n"
    "def add_tax(price):\n    return price * 2\n\n\nRATE = 7\n",
    "shop/cli.py": "import click\nfrom shop import money\n\n\n@click.group()\ndef app():\n    greet()\n\n\ndef greet():\n    pass\n\n\n"
    "@app.command()\n@click.argument('price', type=int)\ndef price(price):\n    click.echo(money.total([price]))\n\n\n"
    "@app.command()\ndef other():\n    click.echo('other')\n",
    "shop/control.py": "import argparse\nfrom shop.money import total\n\n\ndef main(argv=None):\n    parser = argparse.ArgumentParser()\n"
    "    commands = parser.add_subparsers()\n    commands.add_parser('sum').set_defaults(run=run)\n"
    "    return parser.parse_args(argv).run()\n\n\ndef run():\n    return total([1])\n",
    "shop/stock.py": "class Stock:\n    def fill(self):\n        return refill()\n\n\ndef refill():\n    return 3\n",
    "shop/__main__.py": "from shop.stock import refill\n\nrefill()\n",
    "tests/test_shop.py": """
import asyncio, concurrent.futures, socket, subprocess, sys
from unittest import mock

import pytest
from click.testing import CliRunner

from shop import cli, control, money, stock


@pytest.fixture(scope="session")
def filled():
    return stock.Stock().fill()


@pytest.fixture(scope="module")
def shelf(filled):
    return filled


def test_price():
    assert CliRunner().invoke(cli.app, ["price", "3"], prog_name="shop").output == "6\\n"


def test_price_over_a_mock():
    with mock.patch("shop.money.add_tax", return_value=1):
        assert CliRunner().invoke(cli.app, ["price", "3"], prog_name="shop").output == "1\\n"


def test_price_beside_an_idle_mock(monkeypatch):
    monkeypatch.setattr(stock, "refill", lambda: 0)
    monkeypatch.setattr(money, "RATE", 8)
    assert CliRunner().invoke(cli.app, ["price", "3"], prog_name="shop").exit_code == 0


@mock.patch("shop.stock.refill")
def test_price_over_a_called_stand_in(refill):
    def tax(price):
        return 1
    with mock.patch.object(money, "add_tax", tax):
        CliRunner().invoke(cli.app, ["price", "3"], prog_name="shop")


def test_first_user(filled):
    assert filled == 3


def test_second_user(shelf):
    assert shelf == 3


def test_without_fixture():
    assert money.total([]) == 0


def test_console_main():
    control.main(["sum"])


def test_child():
    subprocess.run([sys.executable, "-m", "shop"], check=True)


def test_pool():
    with concurrent.futures.ThreadPoolExecutor() as pool:
        assert pool.submit(money.add_tax, 1).result() == 2


def test_socket():
    server = socket.create_server(("127.0.0.1", 0))
    socket.create_connection(server.getsockname()).close()
    server.close()


def test_broken():
    money.total([1])
    assert False


@pytest.mark.skip(reason="needs a printer")
def test_skipped():
    pass


@pytest.mark.xfail
def test_expected_to_fail():
    assert money.total([1]) == 0
""",
}


def copy_tracer(folder: Path) -> Path:
    """Copy the tracer as rh does, so that it stands alone."""
    source = Path(tracer.__file__).parent
    shutil.copytree(source, folder / "rh_tracer", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run_traced(
    root: Path,
    probe: Path,
    out: Path,
    *arguments: str,
    python: str = sys.executable,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run Python with the tracer at hand."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "RH_", "COV"))}
    environment |= {"PYTHONPATH": f"{root}{os.pathsep}{probe}", "RH_TRACE_FOLDER": str(out), **(env or {})}
    return subprocess.run([python, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False)


def read_maps(out: Path) -> list[dict[str, Any]]:
    """Return every map in a folder, that of the longest list of tests first."""
    documents = [json.loads(each.read_text()) for each in sorted(out.glob("rh-trace-*.json"))]
    return sorted(documents, key=lambda each: -len(each["tests"]))


class TracedShop:
    """The map of the shop, with names in the place of numbers."""

    def __init__(self, documents: list[dict[str, Any]], said: str) -> None:
        """`documents` are the maps; `said` is what pytest printed."""
        self.documents = documents
        self.said = said

    def functions(self, test: str, document: int = 0) -> set[str]:
        """Return what a test ran, as `path:qualname`."""
        one = self.documents[document]
        return self.names(one, one["tests"][f"tests/test_shop.py::{test}"]["ran"])

    @staticmethod
    def names(document: dict[str, Any], number: int) -> set[str]:
        """Return one set of functions by name."""
        rows = document["functions"]
        return {f"{document['files'][rows[at][0]][0]}:{rows[at][1]}" for at in unpack(document["sets"][number])}

    def hits(self, test: str, document: int = 0) -> dict[str, tuple[set[str], list[str], list[str]]]:
        """Return what a test entered: functions, stand-ins that took part, and idle ones."""
        one = self.documents[document]
        found = {}
        for entry, ran, used, idle, _count in one["tests"][f"tests/test_shop.py::{test}"]["hits"]:
            kind, name, _handler, _raw = one["entries"][entry]
            replaced = [[one["replaced"][at][0] for at in each] for each in (used, idle)]
            found[f"{kind} {name}"] = (self.names(one, ran), replaced[0], replaced[1])
        return found


def unpack(packed: str) -> list[int]:
    """Read a set as the schema describes it, independently of the reader in rh."""
    numbers, gap, shift, last = [], 0, 0, -1
    for byte in base64.b64decode(packed):
        gap |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            last += gap + 1
            numbers.append(last)
            gap = shift = 0
    return numbers


@pytest.fixture(scope="session")
def traced_shop(tmp_path_factory: pytest.TempPathFactory) -> TracedShop:
    """Run the tests of the shop once under the tracer."""
    base = tmp_path_factory.mktemp("traced")
    root, out = base / "work", base / "out"
    for name, text in SHOP.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    probe = copy_tracer(base / "probe")
    ran = run_traced(root, probe, out, "-m", "pytest", "-q", "-p", "rh_tracer.plugin", "-p", "no:cacheprovider")
    return TracedShop(read_maps(out), ran.stdout + ran.stderr)


def test_the_tests_end_as_they_would_without_it(traced_shop: TracedShop) -> None:
    """A tracer that changes what a test answers makes evidence of something else."""
    assert "1 failed, 11 passed, 1 skipped, 1 xfailed" in traced_shop.said
    assert traced_shop.documents[0]["faults"] == {}


def test_functions_are_kept_by_blob_and_qualified_name(traced_shop: TracedShop) -> None:
    """Lines shift with every edit above them; content and name do not."""
    content = SHOP["shop/money.py"].encode()
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()  # noqa: S324 - git's own naming
    assert ["shop/money.py", blob] in traced_shop.documents[0]["files"]
    assert {"shop/money.py:total", "shop/money.py:add_tax"} <= traced_shop.functions("test_price")


def test_a_command_is_named_by_its_way_and_holds_what_its_group_ran(traced_shop: TracedShop) -> None:
    """What a group does before its command belongs to every command below it."""
    functions, used, idle = traced_shop.hits("test_price")["cli shop price"]
    assert {"shop/cli.py:price", "shop/cli.py:greet", "shop/money.py:add_tax"} <= functions
    assert (used, idle) == ([], [])


def test_a_mock_that_took_part_is_named(traced_shop: TracedShop) -> None:
    """Otherwise a green test over a mock reads like a walked path."""
    functions, used, _idle = traced_shop.hits("test_price_over_a_mock")["cli shop price"]
    assert used == ["shop.money.add_tax"]
    assert "shop/money.py:add_tax" not in functions


def test_a_mock_that_nobody_called_is_idle(traced_shop: TracedShop) -> None:
    """A stand-in elsewhere does not take a walk away."""
    _functions, used, idle = traced_shop.hits("test_price_beside_an_idle_mock")["cli shop price"]
    assert idle == ["shop.stock.refill"]
    assert used == ["shop.money.RATE"]


def test_a_plain_function_in_the_place_of_another_is_seen_when_it_runs(traced_shop: TracedShop) -> None:
    """Hand-made stand-ins count no calls; their start is seen like that of any function."""
    _functions, used, idle = traced_shop.hits("test_price_over_a_called_stand_in")["cli shop price"]
    assert (used, idle) == (["shop.money.add_tax"], ["shop.stock.refill"])


def test_a_fixture_counts_to_every_test_that_uses_it(traced_shop: TracedShop) -> None:
    """Crediting a session fixture to the first test only loses half of the tests that a change would break."""
    for test in ("test_first_user", "test_second_user"):
        assert "shop/stock.py:refill" in traced_shop.functions(test), test
    assert "shop/stock.py:refill" not in traced_shop.functions("test_without_fixture")


def test_a_console_script_with_argparse_is_an_entry(traced_shop: TracedShop) -> None:
    """Not every command line is made with a framework."""
    functions, _used, _idle = traced_shop.hits("test_console_main")["cli shopctl sum"]
    assert {"shop/control.py:main", "shop/control.py:run", "shop/money.py:total"} <= functions


def test_an_interpreter_that_a_test_starts_is_traced_for_that_test(traced_shop: TracedShop) -> None:
    """End-to-end tests of commands start them as users do."""
    assert len(traced_shop.documents) == 2
    assert "shop/stock.py:refill" in traced_shop.functions("test_child", 1)


def test_a_program_that_is_started_is_an_entry_of_its_own(traced_shop: TracedShop) -> None:
    """`python -m shop` is what an operator types, whatever reads the arguments inside."""
    functions, _used, _idle = traced_shop.hits("test_child", 1)["cli python -m shop"]
    assert "shop/stock.py:refill" in functions


def test_threads_of_a_pool_count_to_the_test(traced_shop: TracedShop) -> None:
    """Work that a handler hands to a pool is still its work."""
    assert "shop/money.py:add_tax" in traced_shop.functions("test_pool")


def test_real_sockets_and_outcomes_are_kept(traced_shop: TracedShop) -> None:
    """A test that failed has shown nothing, and one that talks to the outside is told apart."""
    tests = traced_shop.documents[0]["tests"]
    found = {name.partition("::")[2]: each for name, each in tests.items()}
    assert found["test_socket"]["sockets"] == ["loopback"]
    assert found["test_broken"]["outcome"] == "failed"
    assert (found["test_skipped"]["outcome"], found["test_skipped"]["why"]) == ("skipped", "Skipped: needs a printer")
    assert found["test_expected_to_fail"]["outcome"] == "xfailed"


_NEWER = sorted((Path.home() / ".pyenv" / "versions").glob("3.1[2-9]*/bin/python"))


@pytest.mark.skipif(sys.version_info < (3, 12) and not _NEWER, reason="needs a Python with sys.monitoring")
def test_any_program_can_be_traced_and_monitoring_says_the_same(tmp_path: Path) -> None:
    """A service is traced outside of pytest; both ways of watching write one schema."""
    root, out = tmp_path / "work", tmp_path / "out"
    for name, text in SHOP.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    probe = copy_tracer(tmp_path / "probe")
    python = sys.executable if sys.version_info >= (3, 12) else str(_NEWER[-1])
    ran = run_traced(root, probe, out, "-m", "rh_tracer", "run", "--", "-m", "shop", python=python)
    assert (ran.returncode, ran.stderr) == (0, "")
    (document,) = read_maps(out)
    assert (document["method"], document["slower"]) == ("sys.monitoring", False)
    assert "shop/stock.py:refill" in TracedShop.names(document, document["between"]["ran"])


def test_tests_that_start_in_a_folder_of_a_monorepo_are_traced_by_paths_of_the_repository(tmp_path: Path) -> None:
    """A commit names files from its top; a trace that names them from elsewhere is about no file of it."""
    top, out = tmp_path / "top", tmp_path / "out"
    root = top / "backend"
    (top / ".git").mkdir(parents=True)
    for name, text in {**SHOP, "../shared/pay.py": "def pay():\n    return 1\n"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "tests/test_shop.py").write_text(
        "from shop import stock\nimport pay\n\n\ndef test_it():\n    stock.refill()\n    pay.pay()\n"
    )
    probe = copy_tracer(tmp_path / "probe")
    path = os.pathsep.join(map(str, (root, top / "shared", probe)))
    run_traced(root, probe, out, "-m", "pytest", "-q", "-p", "rh_tracer.plugin", env={"PYTHONPATH": path})
    (document,) = read_maps(out)
    ran = TracedShop.names(document, document["tests"]["tests/test_shop.py::test_it"]["ran"])
    assert {"backend/shop/stock.py:refill", "shared/pay.py:pay"} <= ran


def test_a_tracer_that_cannot_write_says_so_and_lets_the_program_end(tmp_path: Path) -> None:
    """A full disk is not the fault of the tests."""
    (tmp_path / "out").write_text("a file, no folder")
    (tmp_path / "program.py").write_text("print('done')\n")
    probe = copy_tracer(tmp_path / "probe")
    ran = run_traced(tmp_path, probe, tmp_path / "out", "-m", "rh_tracer", "run", "--", "program.py")
    assert (ran.returncode, ran.stdout) == (0, "done\n")
    assert "the trace could not be written" in ran.stderr
