"""What holds for every test: libraries stay offline and keep quiet, also in tests that run outside the
wall; what takes longest comes first, so that no worker is left with it at the end; what a test tells of its
figures is shown, whichever process ran it; and properties are tried on few examples every day, and on many
among the slow tests.
"""

import gc
import os
import signal
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

from policies.enforcement import OFFLINE

_LONGEST_FIRST = tuple(
    f"tests/{room}/" for room in ("end_to_end", "unit/speech", "contracts", "tui", "forensics")
)
_TOLD = "told"
EXAMPLES = {"few": 25, "default": 100, "many": 400}
"""Of a property: every day, when a test is run by itself, and among the slow tests."""

os.environ.update(OFFLINE)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so a shell starts what runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)


for name, examples in EXAMPLES.items():
    settings.register_profile(
        name,
        max_examples=examples,
        derandomize=name == "few",  # what decides whether a change lands must not be drawn by lot
        deadline=None,  # a busy machine is not a fault
        suppress_health_check=[HealthCheck.too_slow],
    )


def _turn(item: pytest.Item) -> tuple[float, int]:
    """The longest patience first, then by the room; all other rooms come last."""
    patience = next((float(mark.args[0]) for mark in item.iter_markers("timeout")), 0.0)
    rooms = (number for number, room in enumerate(_LONGEST_FIRST) if item.nodeid.startswith(room))
    slow = item.get_closest_marker("slow") is not None
    return -patience if slow else 0.0, next(rooms, len(_LONGEST_FIRST))


def examples_for(markers: str) -> str:
    """The profile of examples for what is run. :param markers: what follows pytest's `-m`."""
    if "slow" not in markers.split():
        return "default"
    return "few" if "not slow" in markers else "many"


@pytest.hookimpl(tryfirst=True)  # before what is not slow is left out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Otherwise as they stand: within a file, and from file to file of a room."""
    if examples_for(config.option.markexpr) == "many":
        for item in items:
            if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
                item.add_marker(pytest.mark.slow)
    items.sort(key=_turn)


def pytest_collection_finish() -> None:
    """Thousands of tests and their modules stay to the end: the collector need not go through them again and
    again, which took a fifth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Lines about what a test did, shown when it has ended."""
    return lambda *lines: record_property(_TOLD, "\n".join(lines))


class _Teller:
    """Shows what tests tell. :param out: where the run writes."""

    def __init__(self, out: pytest.TerminalReporter) -> None:
        self._out = out

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, lines in report.user_properties if report.when == "teardown" else ():
            if name == _TOLD:
                self._out.ensure_newline()
                self._out.write_line(str(lines))


@pytest.hookimpl(trylast=True)  # the reporter itself is there only then
def pytest_configure(config: pytest.Config) -> None:
    """A worker has nowhere to write; its reports come to the one that has."""
    settings.load_profile(examples_for(config.option.markexpr))
    if out := config.pluginmanager.get_plugin("terminalreporter"):
        config.pluginmanager.register(_Teller(out))
