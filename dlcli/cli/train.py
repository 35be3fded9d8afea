"""dlcli train."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlcli import shown
from dlcli.cli import complete, options, recipe_arguments
from dlcli.cli.screens import output
from dlcli.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from dlcli.runs.run_dir import RunDir

app = typer.Typer()

RESUME_COMMAND = "DLCLI_RESUME_COMMAND"

EXAMPLES = options.examples("""
dlcli train digits-cnn
dlcli train digits-cnn training.epochs=3 'model.filters=\\[16, 32]'
dlcli train image-cnn --data photos/ --name photos
dlcli train --resume photos
dlcli train digits-cnn --name nightly --go-on
dlcli train digits-cnn --profile
dlcli train image-resnet --data photos/ --devices all
dlcli train --resume photos training.learning_rate=1e-4 --allow-changed
""")


@app.command(epilog=EXAMPLES)
def train(
    recipe_and_overrides: options.RecipeOrOverrides = None,
    data: options.Data = None,
    runs_dir: options.RunsDir = None,
    name: options.NewName = None,
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="Go on with a run that was stopped or killed.",
            autocompletion=complete.runs,
        ),
    ] = None,
    go_on: Annotated[
        bool,
        typer.Option(
            "--go-on",
            help="With --name: start the run, or go on with it when it is there, so that the same "
            "command starts a job and restarts it.",
        ),
    ] = False,
    allow_changed: Annotated[
        bool,
        typer.Option(
            "--allow-changed",
            help="Go on although recipe, data, versions or machine are not what they were. "
            "Without it, a run goes on only to the end that it would have had.",
        ),
    ] = False,
    devices: Annotated[
        str | None,
        typer.Option(
            metavar="N|all|cpu:N",
            help="GPUs that share each batch: a number, or all there are. cpu:2 makes two devices "
            "of the CPU, to try it out. Default: one; of a worker of several, all its GPUs. "
            "training.batch_size is the size of the whole batch, and nothing is scaled.",
        ),
    ] = None,
    profile: Annotated[
        bool,
        typer.Option(
            "--profile",
            help="Measure where the time goes: a table at the end, and in the run; and a trace of "
            "5 steps for TensorBoard, which shows it when the package xprof is installed.",
        ),
    ] = False,
    settings: options.Set = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Train a recipe and write a run directory.

    Several machines train together where TF_CONFIG, Slurm or Kubernetes names them: see
    docs/distribution.md and [bold]dlcli launch[/bold].
    """
    from dlcli.cli.interrupts import Interrupts
    from dlcli.cli.screens.training import TrainingScreen
    from dlcli.devices import cluster
    from dlcli.devices import local as device_option
    from dlcli.events import Stage
    from dlcli.recipe import schema
    from dlcli.runs import documents, run_dir

    folder = run_dir.runs_folder(runs_dir)
    arguments = [*(recipe_and_overrides or []), *recipe_arguments.assignments(settings or [])]
    chosen_devices = device_option.parse(devices) if devices else None
    workers = cluster.of_environment(os.environ)
    is_chief = workers is None or workers.index == 0
    if resume is not None:
        overrides = recipe_arguments.overrides_only(arguments, data)
        if go_on:
            raise UsageError(
                "both --resume and --go-on are given.",
                "--resume goes on with a run that is there; --go-on with --name starts it too.",
            )
        run_to_resume = run_dir.find(resume, folder)
        if name:
            raise UsageError(
                "--resume takes no --name: the run has its own.",
                f"Go on with it as it is: dlcli train --resume {run_to_resume.reference()}",
            )
    elif go_on and name is None:
        raise UsageError(
            "--go-on is given without --name.",
            "Name the run that is started or gone on with: dlcli train RECIPE --name NAME --go-on",
        )
    elif go_on and (there := run_dir.named(name or "", folder)):
        recipe_name, overrides = recipe_arguments.one_recipe(arguments, data)
        _see_that_it_trains(there, schema.find(recipe_name).stem)
        overrides = schema.changing(str(there.recipe), overrides)
        resume, run_to_resume = there.name, there
    elif allow_changed and not go_on:
        raise UsageError(
            "--allow-changed is given without --resume.",
            "It is for a run that goes on: dlcli train --resume RUN --allow-changed",
        )
    else:
        recipe_name, overrides = recipe_arguments.one_recipe(arguments, data)
        loaded = schema.load(recipe_name, overrides)
        if is_chief:
            run_dir.check_folder(folder)

    interrupts = Interrupts()
    with TrainingScreen(interrupts, quiet or json or not is_chief) as screen:
        screen.show(Stage("starting TensorFlow"))
        from dlcli.training import run as training

        if resume is not None:
            result = training.resume(
                run_to_resume,
                overrides=overrides,
                allow_changed=allow_changed,
                profiled=profile,
                devices=chosen_devices,
                cluster=workers,
                events=screen.show,
                stop=interrupts.came,
            )
        else:
            stem = schema.find(recipe_name).stem
            result = training.train(
                loaded,
                stem,
                folder,
                name=name,
                profiled=profile,
                devices=chosen_devices,
                cluster=workers,
                events=screen.show,
                stop=interrupts.came,
            )
    reference = result.run.reference()
    if result.stopped:
        # What started this process, such as `dlcli launch`, may know a better command.
        command = os.environ.get(RESUME_COMMAND) or f"dlcli train --resume {reference}"
        raise Interrupted(
            f"training was stopped; its state is saved in {result.run.path}.",
            f"Go on with it: {command}",
            interrupts.signal_number or signal.SIGTERM,  # another worker was told to stop
        )
    if result.metrics is None:  # worker 0 has them
        return
    measured = None
    if profile and result.run.profile.exists():
        measured = documents.profile(result.run)
    _render(result.run.path, result.metrics, reference, measured, json)


def _see_that_it_trains(run: RunDir, recipe_name: str) -> None:
    """Keep `--go-on` from going on with a run of another recipe."""
    from dlcli.runs import documents

    recorded = documents.environment(run).get("recipe")
    if recorded != recipe_name:
        raise UsageError(
            f"run {run.name} trains the recipe {recorded}, not {recipe_name}.",
            f"Choose another --name, or go on with it: dlcli train --resume {run.reference()}",
        )


def _render(
    path: Path,
    metrics: dict[str, Any],
    reference: str,
    profile: dict[str, Any] | None,
    json: bool,
) -> None:
    if json:
        document = {"run": str(path), **metrics}
        output.print_json("train", document | ({"profile": profile} if profile else {}))
        return
    from dlcli.cli.screens import metrics_table

    screen = output.console()
    screen.print(metrics_table.result_table(metrics))
    screen.print(metrics_table.per_class_table(metrics))
    if profile:
        from dlcli.cli.screens import profile_table

        screen.print(profile_table.table(profile))
    from dlcli.artifacts import metadata
    from dlcli.cli.screens import next_commands
    from dlcli.runs import documents
    from dlcli.runs.run_dir import RunDir

    document = documents.or_empty(metadata.of_run, RunDir(path))
    if hint := next_commands.mirroring_hint(metrics, document.get("recipe", {})):
        output.print_line(screen, hint)
    output.print_line(screen, f"Run: {shown.escaped(str(path))}")
    task = document.get("task")
    output.print_next(*next_commands.of_completed(reference, task))
