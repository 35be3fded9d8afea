"""dlcli launch."""

from __future__ import annotations

import functools
import json as js
import os
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlcli.cli import complete, options, recipe_arguments
from dlcli.cli.screens import output
from dlcli.errors import Interrupted, UsageError, WorkerLostError

if TYPE_CHECKING:
    from dlcli.launch.job import Job
    from dlcli.launch.local import Ended

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli launch digits-cnn --workers 2 --local
dlcli launch --resume digits-cnn-20261121-101500 --workers 2 --local
dlcli launch image-cnn --data photos/ --workers 4 --slurm --time 12:00:00 --output photos.sbatch
dlcli launch mine.yaml --data /workspace/photos --workers 4 --kubernetes --image registry/dlcli:gpu
""")
_on_cluster = functools.partial(typer.Option, rich_help_panel="On a cluster: --slurm, --kubernetes")
_with_slurm = functools.partial(typer.Option, rich_help_panel="With --slurm")
_with_kubernetes = functools.partial(typer.Option, rich_help_panel="With --kubernetes")


@app.command(epilog=EXAMPLES)
def launch(
    recipe_and_overrides: options.RecipeOrOverrides = None,
    local: Annotated[
        bool, typer.Option("--local", help="Start the workers on this machine, to try it out.")
    ] = False,
    slurm: Annotated[bool, typer.Option("--slurm", help="Write a script for sbatch.")] = False,
    kubernetes: Annotated[
        bool, typer.Option("--kubernetes", help="Write manifests for kubectl apply.")
    ] = False,
    workers: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            max=1000,
            help="Processes that train together; on a cluster each on a node, or in a pod.",
        ),
    ] = 2,
    data: options.Data = None,
    runs_dir: options.RunsDir = None,
    name: options.NewName = None,
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="Go on with a run that was stopped or killed, with --local; elsewhere what was "
            "written goes on when it is sent again.",
            autocompletion=complete.runs,
        ),
    ] = None,
    allow_changed: Annotated[
        bool,
        typer.Option(
            "--allow-changed",
            help="With --resume: go on although recipe, data, versions, machine or number of "
            "workers are not what they were.",
        ),
    ] = False,
    max_restarts: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, help="How often all workers are started again after one was lost."
        ),
    ] = 10,
    to: Annotated[
        Path | None,
        _on_cluster("--output", "-o", metavar="FILE", help="File to write, in place of stdout."),
    ] = None,
    force: Annotated[bool, _on_cluster("--force", help="Replace an --output that exists.")] = False,
    gpus: Annotated[int, _on_cluster(metavar="N", min=0, help="GPUs of each worker.")] = 1,
    cpus: Annotated[int, _on_cluster(metavar="N", min=1, help="Cores of each worker.")] = 8,
    memory: Annotated[str, _on_cluster(metavar="SIZE", help="Memory of each worker.")] = "32G",
    time: Annotated[
        str,
        _with_slurm(
            metavar="LIMIT",
            help="Limit of one start; the job requeues itself before it and goes on.",
        ),
    ] = "24:00:00",
    sbatch: Annotated[
        list[str] | None,
        _with_slurm(
            metavar="OPTION", help="A further option of sbatch, such as partition=gpu. Repeatable."
        ),
    ] = None,
    image: Annotated[
        str, _with_kubernetes(metavar="IMAGE", help="Container image of dlcli.")
    ] = "dlcli:gpu",
    namespace: Annotated[
        str | None,
        _with_kubernetes(metavar="NAME", help="Namespace. Default: the one kubectl uses."),
    ] = None,
    claim: Annotated[
        str | None,
        _with_kubernetes(
            metavar="NAME",
            help="A volume claim that is there, mounted at /workspace. Default: a new one.",
        ),
    ] = None,
    storage: Annotated[
        str, _with_kubernetes(metavar="SIZE", help="Size of the new volume claim.")
    ] = "50G",
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Train a recipe on several workers: here, by Slurm, or on Kubernetes.

    All workers train one model: each takes its share of every batch. Worker
    0 writes the run, the same as one that a single process writes. When a
    worker is lost, all are started again and go on from the last checkpoint.
    """
    place = _one_place({"--local": local, "--slurm": slurm, "--kubernetes": kubernetes})
    if place == "--local":
        job, folder = _local_job(
            recipe_and_overrides or [], data, runs_dir, name, resume, workers, allow_changed
        )
        _train_here(job, folder, max_restarts, json, quiet)
        return
    if resume is not None:
        raise UsageError(
            f"--resume is given with {place}.",
            "What was written goes on with its run by itself: send it again.",
        )
    job, recipe_text = _distant_job(
        recipe_and_overrides or [], data, runs_dir, name, workers, place
    )
    if place == "--slurm":
        from dlcli.launch import slurm as batch

        text = batch.script(
            job,
            gpus=gpus,
            cpus=cpus,
            memory=memory,
            time=time,
            max_restarts=max_restarts,
            options=sbatch or [],
            written_to=str(to or ""),
        )
    else:
        from dlcli.launch import kubernetes as cluster_manifests

        where = cluster_manifests.Place(image, namespace, claim, storage, gpus, cpus, memory)
        text = cluster_manifests.write(
            cluster_manifests.manifests(
                job, where, max_restarts=max_restarts, recipe_text=recipe_text
            ),
            job,
            str(to or ""),
        )
    _hand_over(text, job, place, to, force, json)


def _one_place(given: dict[str, bool]) -> str:
    chosen = [place for place, is_given in given.items() if is_given]
    if len(chosen) == 1:
        return chosen[0]
    received = f"{' and '.join(chosen)} are given" if chosen else "it is not said where to run"
    raise UsageError(f"{received}.", f"Give one of: {', '.join(given)}.")


def _local_job(
    arguments: list[str],
    data: str | None,
    runs_dir: Path | None,
    name: str | None,
    resume: str | None,
    workers: int,
    allow_changed: bool,
) -> tuple[Job, Path]:
    """The job, and the folder of its run."""
    from dlcli.devices import local
    from dlcli.launch.job import Job
    from dlcli.recipe import schema
    from dlcli.runs import run_dir

    folder = run_dir.runs_folder(runs_dir)
    most = max(8, local.num_processors())
    if workers > most:
        raise UsageError(
            f"--workers is {workers}, and each is a whole TensorFlow on this machine.",
            f"Try it with a few, at most {most} here; --slurm and --kubernetes have no such limit.",
        )
    if resume is not None:
        recipe_arguments.overrides_only(arguments, data)
        found = run_dir.find(resume, folder)
        if name:
            raise UsageError(
                "--resume takes no --name: the run has its own.",
                f"Go on with it as it is: dlcli launch --resume {found.reference()} --local",
            )
        rest = (*_rest(arguments, data, runs_dir), *["--allow-changed"] * allow_changed)
        return Job(resume, None, rest, workers), found.path
    if allow_changed:
        raise UsageError(
            "--allow-changed is given without --resume.",
            "It is for a run that goes on: dlcli launch --resume RUN --local --allow-changed",
        )
    recipe_name, overrides = recipe_arguments.one_recipe(arguments, data)
    schema.load(recipe_name, overrides)
    if name is None:
        name = run_dir.default_name(schema.find(recipe_name).stem)
        if run_dir.named(name, folder):  # another one was started in this second
            name = f"{name}-{os.getpid()}"
    run_dir.check_name(folder, name)
    return Job(name, recipe_name, _rest(arguments, data, runs_dir), workers), folder / name


def _distant_job(
    arguments: list[str],
    data: str | None,
    runs_dir: Path | None,
    name: str | None,
    workers: int,
    place: str,
) -> tuple[Job, str | None]:
    """The job, and the text of a recipe that has to travel with it."""
    from dlcli import catalog
    from dlcli.launch.job import Job
    from dlcli.recipe import schema
    from dlcli.runs import run_dir

    recipe_name, overrides = recipe_arguments.one_recipe(arguments, data)
    source = schema.load(recipe_name, overrides).data.source
    if source is None:  # it would be found out when the job has waited for its turn
        raise UsageError(
            f"{recipe_name} has no data of its own.",
            "Say where the workers find some: --data PATH",
        )
    is_given = any(override.startswith("data.source=") for override in overrides)
    name = name or run_dir.default_name(schema.find(recipe_name).stem)
    run_dir.check_name(None, name)
    text = None
    if place == "--kubernetes" and recipe_name not in catalog.recipe_names():
        text = schema.read(recipe_name)
        if not is_given and Path(source).is_absolute() and source not in text:
            raise UsageError(
                f"{recipe_name} names its data relative to its own folder, which no pod has.",
                "Say where it is on the volume, as pods see it: --data /workspace/photos",
            )
    if place == "--kubernetes" and Path(source).exists() and is_given:
        output.print_warning(
            f"pods see {source} only when it is on the volume: paths begin at /workspace there.",
        )
    return Job(name, recipe_name, _rest(arguments, data, runs_dir), workers), text


def _rest(arguments: list[str], data: str | None, runs_dir: Path | None) -> tuple[str, ...]:
    """What `dlcli train` is given besides recipe and run."""
    overrides = [argument for argument in arguments if "=" in argument]
    of_data = [] if data is None else ["--data", data]
    of_runs = [] if runs_dir is None else ["--runs-dir", str(runs_dir)]
    return (*overrides, *of_data, *of_runs)


def _hand_over(text: str, job: Job, place: str, to: Path | None, force: bool, json: bool) -> None:
    """Write what was made where it was asked for, and say what to do with it."""
    if to is not None:
        if to.is_file() and not force:  # what a user has added to it is not made again
            raise UsageError(
                f"{to} exists already.", "Choose another --output, or replace it with --force."
            )
        try:
            to.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"{to} cannot be written: {error.strerror}.", "Choose another --output."
            ) from None
    if json:
        document = {"run": job.run, "workers": job.num_workers, "place": place.removeprefix("--")}
        written = {"path": str(to)} if to else {"text": text}
        output.print_json("launch", document | written)
        return
    if to is None:
        print(text, end="")
        return
    print(to)
    file = shlex.quote(str(to))
    if place == "--slurm":
        output.print_next(f"sbatch {file}")
    else:
        output.print_next(f"kubectl apply --dry-run=server -f {file}", f"kubectl apply -f {file}")


def _train_here(job: Job, folder: Path, max_restarts: int, json: bool, quiet: bool) -> None:
    from dlcli.cli.screens.launch import LaunchScreen
    from dlcli.cli.train import RESUME_COMMAND
    from dlcli.launch import local
    from dlcli.runs.run_dir import RunDir

    reference = RunDir(folder).reference()
    resume = f"dlcli launch --resume {reference} --workers {job.num_workers} --local"
    shown = ["--quiet"] * quiet + ["--debug"] * ("--debug" in sys.argv)
    workers = local.Workers(
        (*job.train_arguments(), *shown),
        job.num_workers,
        {**os.environ, RESUME_COMMAND: resume},
        gpus=local.gpus(os.environ),
        as_json=json,
        stderr=_file_of_stderr(),
    )
    screen = LaunchScreen(job.run, max_restarts, quiet or json)
    ended = local.run(workers, max_restarts=max_restarts, events=screen.show)
    screen.end(ended)
    if ended.code == WorkerLostError.exit_code:
        raise WorkerLostError(
            f"a worker was lost once more after {ended.restarts} restarts (--max-restarts).",
            f"Go on with the run: {resume}",
        )
    if ended.code in (128 + signal.SIGINT, 128 + signal.SIGTERM, 128 + signal.SIGUSR1):
        # Worker 0 has said how to go on, unless its answer is JSON.
        hint = f"Go on with it: {resume}" if json else ""
        raise Interrupted("all workers have stopped.", hint, ended.code - 128)
    if json:
        _print_answer(ended, job)
    if ended.code:
        raise typer.Exit(ended.code)


def _file_of_stderr() -> int | None:
    """Where stderr is: not 2, from which `tensorflow_setup` keeps what libraries write."""
    try:
        return sys.stderr.fileno()
    except OSError:  # it is no file
        return None


def _print_answer(ended: Ended, job: Job) -> None:
    """Print the one document: what worker 0 answered, or why another one ended the job."""
    if ended.code and ended.worker:
        document = {
            "kind": "failed",
            "message": f"worker {ended.worker} ended with exit code {ended.code}.",
            "hint": "It says why on stderr.",
        }
        print(js.dumps({"error": document}, indent=2))
    elif ended.code:
        print(ended.stdout, end="")
    else:
        answer = js.loads(ended.stdout)
        about = {"run": answer["run"], "workers": job.num_workers, "place": "local"}
        result = {key: value for key, value in answer.items() if key not in ("schema", "run")}
        output.print_json("launch", about | {"restarts": ended.restarts} | result)
