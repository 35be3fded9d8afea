"""The script for Slurm: checked by shells, and run with commands that stand in for Slurm's."""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from dlcli.devices import cluster
from dlcli.errors import UsageError
from dlcli.launch import slurm
from dlcli.launch.job import Job

JOB = Job("mine", "image-cnn", ("model.filters=[4, 8]", "--data", "my photos"), 4)
# srun does what a file says; the others write down that they were called.
FAKES = {
    "srun": 'echo "srun $@" >> calls; eval "$(cat step)"',
    "scancel": 'echo "scancel $@" >> calls; touch told',
    "scontrol": 'echo "scontrol $@" >> calls; cat shown 2>/dev/null; true',
}


def script(job=JOB, **changed):
    options = {
        "gpus": 2,
        "cpus": 8,
        "memory": "32G",
        "time": "12:00:00",
        "max_restarts": 5,
        **changed,
    }
    return slurm.script(job, **options)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"gpus": 0, "options": ["partition=gpu", "exclusive", "mail-user=a@b.org"]},
        {"written_to": "my jobs/it's.sbatch"},
        {"job": Job("what's mine", "./it's.yaml", (), 1)},
    ],
)
def test_shells_accept_the_script(tmp_path, changed):
    path = tmp_path / "job.sbatch"
    path.write_text(script(**changed))
    subprocess.run(["bash", "-n", path], check=True)
    if not shutil.which("shellcheck"):
        pytest.skip("there is no shellcheck; on Debian: apt-get install shellcheck")
    checked = subprocess.run(["shellcheck", path], check=False, capture_output=True, text=True)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_what_is_asked_for_is_what_slurm_reads():
    text = script(options=["partition=gpu"])
    before_commands = text[: text.index("set -u")]  # sbatch stops reading at the first command
    asked = re.findall(r"^#SBATCH --(\S+)$", before_commands, re.MULTILINE)
    assert asked == [
        *("job-name=mine", "nodes=4", "ntasks-per-node=1", "gres=gpu:2", "cpus-per-task=8"),
        *("mem=32G", "time=12:00:00", f"signal=B:USR1@{slurm.SAVING_SECONDS}", "requeue"),
        *("open-mode=append", "output=%x-%j.log", "partition=gpu"),
    ]
    assert "gres" not in script(gpus=0)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"time": "a day"}, "--time is 'a day', which Slurm does not take."),
        ({"time": "24h"}, "--time is '24h'"),
        ({"memory": "much"}, "--memory is 'much'"),
        ({"memory": "0G"}, "--memory is '0G'"),
        ({"options": ["--partition=gpu"]}, "--sbatch is '--partition=gpu'"),
        ({"options": ["comment=a\n#SBATCH --x"]}, "--sbatch is 'comment=a"),
    ],
)
def test_what_slurm_would_refuse_is_refused_here(changed, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        script(**changed)


@pytest.mark.parametrize("time", ["60", "90:00", "24:00:00", "2-12", "2-12:30:00"])
def test_a_limit_may_be_written_in_each_of_slurms_ways(time):
    assert f"#SBATCH --time={time}\n" in script(time=time)


@pytest.fixture
def slurm_node(tmp_path):
    """Start the script where srun, scancel and scontrol are the fakes."""
    for name, body in FAKES.items():
        path = tmp_path / name
        path.write_text(f"#!/bin/bash\n{body}\n")
        path.chmod(0o755)
    (tmp_path / "job.sbatch").write_text(script(written_to="job.sbatch"))

    def start(step, restarts=0, shown="PreemptTime=None"):
        (tmp_path / "step").write_text(step)
        (tmp_path / "shown").write_text(shown)
        environ = {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "SLURM_JOB_ID": "77",
            "SLURM_CPUS_PER_TASK": "8",
            "SLURM_RESTART_COUNT": str(restarts),
        }
        return subprocess.Popen(
            ["bash", "job.sbatch"], cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True
        )

    return start


def test_no_name_is_run_as_a_command(slurm_node, tmp_path):
    name = '$(touch made)`touch made`" ; touch made'
    text = script(Job(name, f"{name}.yaml", (name,), 1), written_to=f"{name}.sbatch")
    (tmp_path / "job.sbatch").write_text(text)
    slurm_node("exit 75", restarts=5).communicate(timeout=60)
    assert not (tmp_path / "made").exists()
    assert name in (tmp_path / "calls").read_text()


def calls(folder):
    return (folder / "calls").read_text().splitlines()


@pytest.mark.parametrize(
    ("code", "restarts", "shown", "requeued"),
    [
        (0, 0, "PreemptTime=None", False),
        (75, 0, "PreemptTime=None", True),
        (137, 4, "PreemptTime=None", True),
        (75, 5, "PreemptTime=None", False),
        (3, 0, "PreemptTime=None", False),
        (143, 0, "PreemptTime=None", False),
        (143, 0, "PreemptTime=2026-11-25T10:00:00", True),
    ],
)
def test_a_job_that_lost_a_worker_is_requeued_and_one_that_failed_is_not(
    slurm_node, tmp_path, code, restarts, shown, requeued
):
    job = slurm_node(f"exit {code}", restarts, shown)
    said, _ = job.communicate(timeout=60)
    assert ("scontrol requeue 77" in calls(tmp_path)) == requeued
    if not requeued:
        assert job.returncode == code
    assert ("Go on with it: sbatch job.sbatch" in said) == (restarts == 5)


def test_all_workers_have_one_command_that_starts_and_restarts(slurm_node, tmp_path):
    slurm_node("exit 0").communicate(timeout=60)
    (call,) = [line for line in (tmp_path / "calls").read_text().splitlines() if "--name" in line]
    assert call.endswith(
        " worker dlcli train image-cnn model.filters=[4, 8] --data my photos --name mine --go-on"
    )


@pytest.mark.parametrize(
    ("code", "stopped"), [(0, False), (75, False), (143, False), (3, True), (137, True)]
)
def test_workers_that_wait_for_one_that_failed_are_stopped(slurm_node, tmp_path, code, stopped):
    (tmp_path / "dlcli").write_text(f"#!/bin/bash\nexit {code}\n")
    (tmp_path / "sleep").write_text('#!/bin/bash\necho "sleep $@" >> calls\n')
    for name in ("dlcli", "sleep"):
        (tmp_path / name).chmod(0o755)
    # The options of srun end with the number of cores; a task is what follows.
    job = slurm_node('export SLURM_STEP_ID=0; shift 3; "$@"', restarts=5)
    job.communicate(timeout=60)
    assert job.returncode == code
    assert ("scancel --signal=TERM 77.0" in calls(tmp_path)) == stopped
    assert ("sleep 60" in calls(tmp_path)) == stopped


@pytest.mark.parametrize(("number", "requeued"), [(signal.SIGUSR1, True), (signal.SIGTERM, False)])
def test_before_the_time_limit_the_workers_save_and_the_job_is_requeued(
    slurm_node, tmp_path, number, requeued
):
    # A worker that saves when it is told, here by scancel or after Slurm told the shell as well.
    job = slurm_node("touch ready; until [ -e told ]; do sleep 0.05; done; sleep 0.2; exit 143")
    end = time.monotonic() + 60
    while not (tmp_path / "ready").exists() and time.monotonic() < end:
        time.sleep(0.02)
    job.send_signal(number)
    if number == signal.SIGTERM:
        time.sleep(0.2)
        assert job.poll() is None
        (tmp_path / "told").touch()
    job.communicate(timeout=60)
    assert ("scancel --signal=TERM 77" in calls(tmp_path)) == requeued
    assert ("scontrol requeue 77" in calls(tmp_path)) == requeued
    assert requeued or job.returncode == 143


def test_the_step_that_srun_starts_is_a_cluster():
    environ = {
        "SLURM_JOB_ID": "77",
        "SLURM_STEP_ID": "0",
        "SLURM_PROCID": "2",
        "SLURM_NODEID": "2",
        "SLURM_STEP_NODELIST": "n[1-4]",
        "SLURM_STEP_NUM_TASKS": "4",
        "SLURM_STEP_TASKS_PER_NODE": "1(x4)",
        "SLURM_NTASKS_PER_NODE": "1",
    }
    found = cluster.of_environment(environ)
    assert (len(found.workers), found.index) == (JOB.num_workers, 2)
