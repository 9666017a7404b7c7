"""Nobody can know what answers are tried on, unless they are told that it is so."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from adamedu.grading.errors import GradingError
from adamedu.grading.secret import FILE, fresh, kept_in


def test_it_is_long_and_its_owner_s_alone(tmp_path):
    assert len(kept_in(tmp_path)) >= 32
    assert os.name != "posix" or (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_it_stays(tmp_path):
    assert kept_in(tmp_path) == kept_in(tmp_path)


def test_no_two_are_the_same(tmp_path):
    folders = [tmp_path / str(number) for number in range(9)]
    for folder in folders:
        folder.mkdir()
    assert len({*map(kept_in, folders), *(fresh() for _ in range(9))}) == 18


def test_who_begins_at_the_same_time_has_the_same(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(kept_in, [tmp_path] * 40))) == 1


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff"])
def test_what_is_none_is_refused(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(GradingError, match=FILE):
        kept_in(tmp_path)


def test_a_folder_that_takes_no_file_is_refused(tmp_path):
    with pytest.raises(GradingError, match="can't be used"):
        kept_in(tmp_path / "gone")
