"""A call that never returns is stopped, whatever it does, and nothing else is disturbed."""
# ruff: noqa: B012, S110, SIM105  (so do learners)

import contextlib
import gc
import signal
import sys
import threading
import time

import pytest

from adamedu.sandbox.inside.deadline import OutOfTime, within

SOON = 0.05
LATE = 30.0
"""No test waits that long: what isn't stopped in time fails."""


@pytest.fixture(autouse=True)
def _no_callbacks():
    """Hypothesis has one that counts garbage; what is raised in it, Python can only warn of."""
    callbacks = gc.callbacks[:]
    gc.callbacks.clear()
    yield
    gc.callbacks[:] = callbacks


def turns():
    while True:
        pass


def turns_and_catches():
    while True:
        try:
            sum(range(10))
        except:  # noqa: E722
            pass


def turns_within_what_it_catches():
    while True:
        try:
            turns()
        except BaseException:  # noqa: BLE001
            pass


def turns_and_suppresses():
    while True:
        with contextlib.suppress(BaseException):
            turns()


def turns_and_goes_on_at_last():
    while True:
        try:
            turns()
        finally:
            continue


def naps():
    while True:
        time.sleep(0.01)


def sleeps():
    time.sleep(LATE)


def sleeps_and_catches():
    while True:
        try:
            time.sleep(LATE)
        except:  # noqa: E722
            pass


ENDLESS = [
    turns,
    turns_and_catches,
    turns_within_what_it_catches,
    turns_and_suppresses,
    turns_and_goes_on_at_last,
    naps,
]


@pytest.mark.parametrize("function", [*ENDLESS, sleeps, sleeps_and_catches])
def test_in_the_main_thread_an_alarm_stops_it(function):
    began = time.monotonic()
    with pytest.raises(OutOfTime, match=r"^was stopped after 0\.05 s$"):
        within(SOON, function)
    assert time.monotonic() - began < LATE / 2


@pytest.mark.parametrize("function", ENDLESS)
def test_in_another_thread_it_is_stopped_without_one(function):
    assert in_a_thread(function) == ["was stopped after 0.05 s"]


@pytest.mark.parametrize("function", ENDLESS)
def test_where_there_are_no_alarms_it_is_stopped_without_one(monkeypatch, function):
    monkeypatch.delattr(signal, "setitimer")  # as on Windows
    with pytest.raises(OutOfTime, match=r"^was stopped after 0\.05 s$"):
        within(SOON, function)


def in_a_thread(function, seconds=SOON):
    said = []

    def run():
        try:
            said.append(within(seconds, function))
        except BaseException as error:  # noqa: BLE001
            said.append(str(error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(LATE)
    return said


def test_what_ends_in_time_returns_or_raises_as_ever():
    assert within(LATE, sorted, [2, 1], reverse=True) == [2, 1]
    assert within(None, sorted, [2, 1]) == [1, 2]
    assert in_a_thread(lambda: 3, LATE) == [3]
    with pytest.raises(ZeroDivisionError):
        within(LATE, lambda: 1 / 0)


def test_an_interrupt_stays_an_interrupt():
    def interrupted():
        signal.raise_signal(signal.SIGINT)
        turns()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever others left there
    try:
        with pytest.raises(KeyboardInterrupt):
            within(LATE, interrupted)
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("function", [int, turns, turns_within_what_it_catches, sleeps_and_catches])
def test_somebody_elses_alarm_clock_and_tracing_go_on(function):
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    tracing = sys.gettrace()
    signal.setitimer(signal.ITIMER_REAL, 2 * SOON)
    try:
        with contextlib.suppress(OutOfTime):
            within(SOON, function)
        assert sys.gettrace() is tracing
        patience = time.monotonic() + LATE
        while not rung and time.monotonic() < patience:
            time.sleep(0.01)
        assert rung == [1]
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_limit_within_a_limit_leaves_the_outer_one_in_force():
    def inner():
        with contextlib.suppress(OutOfTime):
            within(SOON, turns)
        turns()

    with pytest.raises(OutOfTime, match=r"0\.2 s$"):
        within(0.2, inner)


def test_one_that_catches_too_often_is_left_alone_after_some_tries():
    caught: list[float] = []

    def deaf():
        while len(caught) < 2 or time.monotonic() < caught[-1] + 0.5:
            try:
                try:
                    sleep_until_interrupted()
                except BaseException:  # noqa: BLE001
                    time.sleep(0)
            except BaseException:  # noqa: BLE001
                caught.append(time.monotonic())
        return "its own way"

    def sleep_until_interrupted():
        time.sleep(0.5)

    assert within(SOON, deaf) == "its own way"
