"""Grading over Dask: what travels, and that lost workers cost time only."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

import adamedu
from adamedu.cli import main
from adamedu.content import catalogue
from adamedu.grading.errors import GradingError
from adamedu.grading.executors import dask
from adamedu.grading.exporting import GRADES, REPORT
from adamedu.grading.grader import Job, Settings, perform, prepare, submissions
from adamedu.grading.report import SubmissionReport
from tests.grading.test_batch import count
from tests.support.processes import wait_for
from tests.support.submitting import HEAD, notebook, sandbox, step

RIGHT = HEAD + step(adamedu.adam)
FORMS = [
    RIGHT,
    HEAD + step(adamedu.adam, m_hat="m"),
    HEAD + step(adamedu.adam, v_hat="v") + "1 / 0\n",
    "def adam_step(*args, **kwargs):\n    raise ValueError('<b>')\n",
    "",
]
CHOSEN = Settings(tasks=(catalogue.task("adam.step"),), secret="tell nobody")  # noqa: S106
ORDER = {"version": adamedu.__version__, "submissions": 5, "trusted": True}


def hand_in(folder, number):
    for n in range(number):
        name = folder / f"s{n:03}" / ("work.ipynb" if n % 7 == 3 else "work.py")
        name.parent.mkdir(parents=True)
        text = FORMS[n % len(FORMS)]
        name.write_text(notebook(text) if name.suffix == ".ipynb" else text)
    return folder


class TestWhatTravels:
    def test_jobs_and_results_are_plain_data_and_give_what_grading_here_gives(self, tmp_path):
        found = list(submissions([hand_in(tmp_path, 5)]))
        jobs = [prepare(one, CHOSEN) for one in found]
        sent = json.dumps([vars(job) for job in jobs])
        assert "tell nobody" not in sent
        back = json.loads(json.dumps(dask.grade_batch(json.loads(sent), ORDER)))
        reports = [SubmissionReport.from_data(one["report"]) for one in back]
        assert reports == [perform(prepare(one, CHOSEN), sandbox().run) for one in found]
        assert len({one["guarantees"]["level"] for one in back}) == 1

    def test_a_worker_of_another_version_grades_nothing(self):
        with pytest.raises(GradingError, match=r"a worker has adamedu .*, not 0\.0\.0"):
            dask.grade_batch([], {**ORDER, "version": "0.0.0"})

    @pytest.mark.parametrize(
        ("sizes", "batches"),
        [
            ([], []),
            ([10] * 60, [25, 25, 10]),
            ([10, 3_000_000, 10, 10], [2, 2]),
            ([1_500_000] * 5, [2, 2, 1]),
        ],
    )
    def test_batches_are_of_25_and_of_a_size_that_can_be_sent(self, sizes, batches):
        jobs = [(n, Job("", None, "", "py", "x" * size, None, {}, False, 1.0))  # noqa: FBT003
                for n, size in enumerate(sizes)]  # fmt: skip
        made = list(dask._batches(iter(jobs)))
        assert [len(batch) for batch in made] == batches
        assert [item for batch in made for item in batch] == jobs

    def test_without_dask_it_is_said_what_to_install(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "distributed", None)
        arguments = ["grade", str(hand_in(tmp_path, 2)), "--cluster", "127.0.0.1:1"]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 2
        assert 'python -m pip install "adamedu[cluster]"' in result.stderr

    def test_a_scheduler_has_its_own_workers(self, tmp_path):
        arguments = ["grade", str(hand_in(tmp_path, 2)), "--cluster", "127.0.0.1:1"]
        result = CliRunner().invoke(main, [*arguments, "--workers", "2"])
        assert result.exit_code == 2
        assert "leave out --workers" in result.stderr


class Machines:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder, protocol="tcp", **environment):
        self.folder = folder
        self.environment = {**os.environ, **environment}
        self.started = []
        file = folder / "scheduler.json"
        listen = ("--host", "127.0.0.1", "--port", "0", "--protocol", protocol)
        self.scheduler = self.start("scheduler", *listen, "--scheduler-file", str(file))
        wait_for(file.exists)
        wait_for(file.read_text)
        self.address = json.loads(file.read_text())["address"]

    def start(self, *command):
        log = self.folder / f"{len(self.started)}.log"
        line = [sys.executable, "-m", "dask", *command, "--no-dashboard"]
        with log.open("w") as errors:
            self.started.append(subprocess.Popen(line, stderr=errors, env=self.environment))
        return self.started[-1]

    def worker(self):
        alone = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder))
        return self.start("worker", self.address, *alone)

    def grade(self, *arguments, seconds=30):
        """Begin to grade on them."""
        script = (
            f"from adamedu.grading.executors import dask; dask._CLUSTER_SECONDS = {seconds}\n"
            "from adamedu.cli import main; main()"
        )
        line = ["grade", *map(str, arguments), "--cluster", self.address]
        return subprocess.Popen(
            [sys.executable, "-c", script, *line],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )

    def end(self):
        for process in reversed(self.started):
            process.kill()
            process.wait()


@pytest.fixture
def machines(tmp_path, request):
    pytest.importorskip("distributed")
    folder = tmp_path / "machines"
    folder.mkdir()
    found = Machines(folder, **getattr(request, "param", {}))
    yield found
    found.end()


OPTIONS = ("--task", "adam.step", "--secret", "s")


UNFORGIVING = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
"""Dask itself gives the batch of a lost worker to nobody else."""


@pytest.mark.cluster
class TestMachines:
    @pytest.mark.parametrize("machines", [{}, UNFORGIVING], indirect=True)
    def test_a_killed_workers_batch_is_graded_again_and_the_report_is_the_local_one(
        self, machines, tmp_path
    ):
        folder, out = hand_in(tmp_path / "in", 150), tmp_path / "out"
        workers = [machines.worker(), machines.worker()]
        with machines.grade(folder, *OPTIONS, "--out", out) as process:
            wait_for(lambda: count(out) >= 25)
            assert process.poll() is None
            workers[0].send_signal(signal.SIGKILL)
            workers[0].wait()
            before = count(out)
            said, errors = process.communicate(timeout=120)
        assert before < 150
        assert workers[1].poll() is None
        assert (process.returncode, errors) == (1, "")
        assert "150 graded, 0 unchanged, 26 of them unusable" in said
        assert count(out) == 150
        local = tmp_path / "local"
        result = CliRunner().invoke(main, ["grade", str(folder), *OPTIONS, "--out", str(local)])
        assert result.exit_code == 1, result.output
        for name in (REPORT, GRADES):
            assert (out / name).read_bytes() == (local / name).read_bytes()

    def test_a_lost_scheduler_is_said_and_the_work_goes_on_elsewhere(self, machines, tmp_path):
        folder, out = hand_in(tmp_path / "in", 100), tmp_path / "out"
        machines.worker()
        with machines.grade(folder, *OPTIONS, "--out", out, seconds=3) as process:
            wait_for(lambda: count(out) >= 25)
            machines.end()
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 2
        assert errors.splitlines()[-1].startswith("Error: the scheduler was lost")
        assert "Traceback" not in errors
        known = count(out)
        arguments = ["grade", str(folder), *OPTIONS, "--out", str(out)]
        said = CliRunner().invoke(main, arguments).stdout
        assert f"{100 - known} graded, {known} unchanged" in said

    def test_lost_workers_are_said(self, machines, tmp_path):
        folder, out = hand_in(tmp_path / "in", 100), tmp_path / "out"
        worker = machines.worker()
        with machines.grade(folder, *OPTIONS, "--out", out, seconds=3) as process:
            wait_for(lambda: count(out) >= 25)
            worker.kill()
            worker.wait()
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 2
        assert "the cluster has lost all its workers" in errors

    def test_a_scheduler_without_workers_is_said(self, machines, tmp_path):
        with machines.grade(hand_in(tmp_path / "in", 2), seconds=1) as process:
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 2
        assert f"the scheduler at {machines.address} has no workers" in errors

    def test_no_scheduler_is_said(self, machines, tmp_path):
        machines.end()
        with machines.grade(hand_in(tmp_path / "in", 2), seconds=1) as process:
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 2
        assert "Traceback" not in errors
        assert f"can't connect to a Dask scheduler at {machines.address}" in errors


@pytest.mark.cluster
def test_a_job_that_ends_every_worker_is_refused():
    distributed = pytest.importorskip("distributed")

    class Lost:
        def result(self):
            raise distributed.KilledWorker("grade_batch", None, 3)

    job = Job("ada", "05", "ada.py", "py", "", None, {"adam.step": 1}, False, 1.0)  # noqa: FBT003
    [graded] = dask._results(Lost(), [("key", job)]) or []
    assert (graded.report.status, graded.report.score) == ("refused", 0)
    assert graded.report.message == "grading it ended the grader, several times"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """Dask's settings for TLS, with a certificate that signs itself."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run(
        [*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    start = "DASK_DISTRIBUTED__COMM__TLS__"
    found = {f"{start}CA_FILE": str(certificate)}
    for who in ("SCHEDULER", "WORKER", "CLIENT"):
        found |= {f"{start}{who}__CERT": str(certificate), f"{start}{who}__KEY": str(key)}
    return found


@pytest.mark.cluster
class TestEncrypted:
    def test_tls_is_set_in_dasks_own_configuration(self, certificate, tmp_path):
        pytest.importorskip("distributed")
        machines = Machines(tmp_path, "tls", **certificate)
        try:
            machines.worker()
            assert machines.address.startswith("tls://")
            folder = hand_in(tmp_path / "in", 4)
            with machines.grade(folder, *OPTIONS, "--json", "-") as process:
                said, errors = process.communicate(timeout=60)
            assert (process.returncode, errors) == (0, "")
            assert [one["score"] for one in json.loads(said)["submissions"]] == [8, 6, 6, 0]
            for name in certificate:
                del machines.environment[name]
            with machines.grade(folder, *OPTIONS, seconds=1) as process:
                _, errors = process.communicate(timeout=60)
            assert process.returncode == 2
            assert "Traceback" not in errors
            assert "TLS" in errors
        finally:
            machines.end()


def test_an_address_that_strangers_may_reach_is_warned_of():
    assert dask.is_open_to_all("tcp://grading.example:8786")
    assert not dask.is_open_to_all("tls://grading.example:8786")
    assert not dask.is_open_to_all("tcp://127.0.0.1:8786")
