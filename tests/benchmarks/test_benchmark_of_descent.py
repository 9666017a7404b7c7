"""The benchmark of descents measures what it says: the same walk for each way, turn by turn."""

import sys

import numpy as np
import pytest

from adamedu import adam, descend, gd, surfaces
from benchmarks import descent, walkers


def asked(way, optimizer=adam, **more):
    return {**descent.request(optimizer, surfaces.double_well, 12, 4), "way": way, **more}


class Pretended:
    """Answers as a process would, each time with the next of some seconds."""

    def __init__(self, seconds, end):
        self.seconds, self.end, self.calls = seconds, end, []

    def __call__(self, request):
        way = request["way"]
        self.calls.append(way)
        if way not in self.seconds:
            return {"missing": "its library"}
        return {"seconds": self.seconds[way].pop(0), "end": self.end(way)}


def test_a_request_is_json_for_any_library():
    found = descent.request(gd, surfaces.ravine, 100, 8)
    assert found["loss"] == "x**2/20 + y**2"
    assert found["slopes"] == ["x/10", "2*y"]
    assert found["settings"] == {"lr": pytest.approx(surfaces.ravine.rates["gd"] / 10)}
    assert walkers.compiled(found, found["loss"])(2.0, 1.0) == pytest.approx(1.2)


def test_our_walk_is_the_one_that_was_asked_for():
    found = walkers.answer(asked("adamedu"), {})
    lr = surfaces.double_well.rates["adam"] / 10
    trace = descend(adam, surfaces.double_well, steps=12, lr=lr)
    assert found["end"] == trace.theta[-1].tolist()
    assert found["seconds"] > 0


def test_our_map_starts_all_over_the_domain():
    request = asked("adamedu, map", side=3)
    starts = walkers.grid(request)
    assert starts.shape == (9, 2)
    np.testing.assert_array_equal(starts.min(0), [-2.0, -1.5])
    np.testing.assert_array_equal(starts.max(0), [2.0, 1.5])
    lr = surfaces.double_well.rates["adam"] / 10
    trace = descend(adam, surfaces.double_well, steps=12, lr=lr, start=starts)
    np.testing.assert_array_equal(walkers.adamedu_map(request)(), trace.theta[-1])


def test_a_process_answers_and_says_what_it_lacks(tmp_path):
    with descent.Walker(sys.executable) as process:
        first, second = process(asked("adamedu")), process(asked("adamedu"))
        assert first["end"] == second["end"]
        with pytest.raises(RuntimeError, match="no such way with adam ended its process"):
            process(asked("no such way"))


def test_what_cannot_be_imported_is_named(monkeypatch):
    def absent(_):
        raise ModuleNotFoundError(name="a_library")

    monkeypatch.setitem(walkers.WAYS, "absent", absent)
    assert walkers.answer(asked("absent"), {}) == {"missing": "a_library"}


def test_an_optimizer_that_a_library_lacks_is_missing():
    with pytest.raises(ImportError) as raised:
        walkers._own({"adam": dict}, {"optimizer": "nadam"})
    assert raised.value.name == "nadam"


def test_ways_take_turns_and_the_median_counts():
    ours = Pretended({"a": [9.0, 3.0, 1.0, 2.0]}, lambda _: [1.0, 2.0])
    theirs = Pretended({"b": [9.0, 6.0, 4.0, 5.0]}, lambda _: [1.0, 2.0])
    found = descent.measured(["a", "b", "c"], {"optimizer": "adam"}, [ours, theirs], 3)
    assert found == {"a": 2.0, "b": 5.0}
    assert ours.calls == ["a", "b", "c", "a", "a", "a"]
    assert theirs.calls == ["b", "c", "b", "b", "b"]


def test_a_way_that_ends_elsewhere_is_not_compared():
    both = Pretended({"a": [1.0] * 3, "b": [1.0] * 3}, lambda way: [1.0, 2.0 + 0.01 * (way == "b")])
    with pytest.raises(RuntimeError, match="b with adam ends elsewhere"):
        descent.measured(["a", "b"], {"optimizer": "adam"}, [both], 2)


def test_the_table_has_our_steps_per_second_and_how_many_times_theirs():
    found = {"gd": {"adamedu": 0.5, "torch": 5.0}, "adam": {"adamedu": 1.0}}
    columns = [list(column.cells) for column in descent.table(found, 1000).columns]
    assert columns == [["gd", "adam"], ["2,000", "1,000"], ["200  (10 x)", ""]]


def test_it_runs_without_the_others(capsys):
    descent.main(["--steps", "5", "--turns", "1", "--side", "3"])
    shown = capsys.readouterr().out
    assert "One run on the ravine, 5 steps" in shown
    assert "9 starts on the double well, 200 steps" in shown
    assert "amsgrad" in shown
