"""A batch script for Slurm: one worker a node, requeued until the training has ended."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from dlcli.errors import UsageError
from dlcli.launch.job import RESTART, Job, dns_label, size

# Before the time limit: enough to finish the step at hand and to write a checkpoint.
SAVING_SECONDS = 180


def script(
    job: Job,
    *,
    gpus: int,
    cpus: int,
    memory: str,
    time: str,
    max_restarts: int,
    options: Sequence[str] = (),
    written_to: str = "",
) -> str:
    """Write the script that `sbatch` takes.

    Args:
        job: what is trained; a worker has a node of its own.
        gpus: of each worker; 0 for none.
        cpus: cores of each worker.
        memory: of each worker, such as "32G".
        time: limit of one start, as Slurm writes it, such as "24:00:00".
        max_restarts: how often the job may requeue itself.
        options: further options of sbatch without their dashes, such as "partition=gpu".
        written_to: path of the script, for the commands that it names.

    Raises:
        UsageError: a value is not what Slurm takes.
    """
    _check(r"\d+(-\d+(:\d+){0,2}|(:\d+){0,2})", time, "--time", "24:00:00 or 3-12:00:00")
    for option in options:
        _check(r"[a-z][a-z-]*(=[^\s#]+)?", option, "--sbatch", "partition=gpu")
    name = dns_label(job.run)
    file = shlex.quote(written_to or f"{name}.sbatch")
    return _TEMPLATE.format(
        run=job.run,
        name=name,
        file=file,
        nodes=job.num_workers,
        workers=f"{job.num_workers} workers" if job.num_workers > 1 else "1 worker",
        gpus=f"#SBATCH --gres=gpu:{gpus}\n" if gpus else "",
        cpus=cpus,
        memory=size(memory, "--memory"),
        time=time,
        options="".join(f"#SBATCH --{option}\n" for option in options),
        saving=SAVING_SECONDS,
        max_restarts=max_restarts,
        command=job.train_command(),
        resume=shlex.quote(f"sbatch {file}"),
        restart=RESTART,
    )


def _check(pattern: str, text: str, option: str, example: str) -> str:
    if not re.fullmatch(pattern, text, re.ASCII):
        raise UsageError(
            f"{option} is {text!r}, which Slurm does not take.", f"Expected such as {example}."
        )
    return text


_TEMPLATE = """\
#!/bin/bash
# Trains the run {run} with {workers}. Written by `dlcli launch --slurm`.
#
#     sbatch {file}
#     tail -F {name}-JOB.log    # JOB is the number that sbatch prints
#     scancel JOB               # saves and stops; sent again, the run goes on where it was
#
#SBATCH --job-name={name}
# One worker a node: it drives all GPUs of its node, and only gradients travel between nodes.
#SBATCH --nodes={nodes}
#SBATCH --ntasks-per-node=1
{gpus}#SBATCH --cpus-per-task={cpus}
#SBATCH --mem={memory}
#SBATCH --time={time}
# So many seconds before the time limit this script is told: it has the workers save, and requeues.
#SBATCH --signal=B:USR1@{saving}
# After the failure of a node or a preemption, Slurm itself may start the job again.
#SBATCH --requeue
# A requeued job goes on with the same log.
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log
{options}
set -u

# The job has the environment of the shell that sends it: activate dlcli there, or here.
#source .venv/bin/activate
# Where nodes have several networks, name the fast one for NCCL.
#export NCCL_SOCKET_IFNAME=ib0
# What a training that is stopped tells to type.
export DLCLI_RESUME_COMMAND={resume}

at_limit=no
trap 'at_limit=yes; scancel --signal=TERM "$SLURM_JOB_ID"' USR1
# Slurm may tell this shell too that the job is to end: it stays until the workers have saved.
trap : TERM

# What each task runs. A worker that fails gives the others a minute to leave by themselves, with
# an exit code that says why; those that still wait for it are stopped then.
# shellcheck disable=SC2016 # the task expands it
worker='trap : TERM; "$@"; code=$?
case $code in
    0 | {restart} | 143) ;;
    *) sleep 60; scancel --signal=TERM "$SLURM_JOB_ID.$SLURM_STEP_ID" ;;
esac
exit $code'

# The tasks find each other in Slurm's variables. srun must not end the others when one ends, and
# has not taken --cpus-per-task from the job since Slurm 22.05.
srun --kill-on-bad-exit=0 --wait=0 --cpus-per-task="$SLURM_CPUS_PER_TASK" \\
    bash -c "$worker" worker \\
    {command} &
step=$!
while kill -0 "$step" 2>/dev/null; do
    wait "$step" # a signal ends it early
done
wait "$step"
code=$?

preempted() {{
    scontrol show job "$SLURM_JOB_ID" | grep -q 'PreemptTime=[0-9]'
}}

again=no
case "$code" in
    0) ;;
    # A worker was lost, or was killed by a signal.
    {restart} | 134 | 135 | 137 | 139) again=yes ;;
    # Saved and stopped: at the time limit or preempted, else by scancel.
    143) if [ "$at_limit" = yes ] || preempted; then again=yes; fi ;;
    # Anything else would end the same again.
    *) ;;
esac
if [ "$again" = yes ]; then
    if [ "${{SLURM_RESTART_COUNT:-0}}" -lt {max_restarts} ]; then
        echo "Ended with exit code $code: requeued."
        exec scontrol requeue "$SLURM_JOB_ID"
    fi
    echo "Restarted {max_restarts} times already. Go on with it: $DLCLI_RESUME_COMMAND"
fi
exit "$code"
"""
