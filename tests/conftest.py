"""What all tests share.

Where everything is installed, nothing may be skipped: ADAMEDU_REQUIRE_ALL=1 makes it a failure.
Elsewhere a suite that lacks its program or its library skips itself with pytest's own means.
"""

import contextlib
import functools
import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

from tests.support.in_browser import Host, Visits
from tests.support.in_node import Node
from tools.browsing import CHROMIUM, FLAGS, HOSTS, jupyter

collect_ignore = ["submissions"]  # to look for doctests in an attack is to run it

# The same examples every time, and no test that a busy machine fails.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def node():
    if shutil.which("node") is None:
        pytest.skip("Node.js is needed to run JavaScript: install your system's package nodejs")
    running = Node()
    yield running
    running.close()


@pytest.fixture(scope="module")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="the browser lock isn't installed")
    if not CHROMIUM:
        pytest.skip("Chromium is needed: install your system's chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Open an address; afterwards nothing may have failed, and nothing been asked for outside."""
    visits = Visits(chromium)
    yield visits
    visits.close()
    assert visits.problems == []


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """Serve notebooks in a Jupyter, as learners have it unless told, until the session ends."""
    with contextlib.ExitStack() as running:

        @functools.cache
        def serve(name, windowing=""):
            home = tmp_path_factory.mktemp(name)
            course = home / "course"
            course.mkdir()
            root = running.enter_context(jupyter(course, home, name, windowing=windowing))
            return Host(course, home / "data", root)

        yield serve


@pytest.fixture
def lab(serve):
    return serve("lab")


@pytest.fixture(params=HOSTS)
def host(serve, request):
    return serve(request.param)


def _not_skipped(report, where):
    required = os.environ.get("ADAMEDU_REQUIRE_ALL") == "1"
    if required and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{where} was skipped where nothing may be: {report.longrepr[2]}"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item):
    return _not_skipped((yield), item.nodeid)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(collector):
    return _not_skipped((yield), collector.nodeid)
