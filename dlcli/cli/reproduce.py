"""dlcli reproduce."""

from __future__ import annotations

import typer

from dlcli.cli import options
from dlcli.cli.screens import output
from dlcli.errors import Interrupted

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli reproduce latest
dlcli reproduce digits-cnn-20261121-101500 --json
""")


@app.command(epilog=EXAMPLES)
def reproduce(
    run: options.Run,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Train a run again from what it recorded, and show what differs.

    The new run is RUN-reproduced; one that was stopped goes on when the command is given
    again. Exit code 0: equal to the bit; 1: not, as on another machine or with other versions.
    """
    from dlcli.cli.interrupts import Interrupts
    from dlcli.cli.screens.training import TrainingScreen
    from dlcli.events import Stage
    from dlcli.runs import run_dir

    folder = run_dir.runs_folder(runs_dir)
    original = run_dir.find(run, folder)
    run_dir.check_folder(folder)
    interrupts = Interrupts()
    with TrainingScreen(interrupts, quiet or json) as screen:
        screen.show(Stage("starting TensorFlow"))
        from dlcli.proof import reproduction

        result = reproduction.reproduce(original, folder, events=screen.show, stop=interrupts.came)
    if result.compared is None:
        raise Interrupted(
            f"the training was stopped; its state is saved in {result.run.path}.",
            f"Go on with it: dlcli reproduce {original.reference()}",
            interrupts.signal_number,
        )
    from dlcli.cli.screens import comparison_table

    if json:
        output.print_json(
            "reproduce",
            {
                "run": str(original.path),
                "reproduced": str(result.run.path),
                "equal": result.equal,
                "changed": [
                    {"name": change.name, "before": change.before, "after": change.after}
                    for change in result.changes
                ],
                "compared": comparison_table.as_json(result.compared),
            },
        )
        return 0 if result.equal else 1
    shown = output.console()
    shown.print()
    if result.changes:
        shown.print("Trained under other conditions:")
        for change in result.changes:
            output.print_line(shown, f"  {change}")
        shown.print()
    shown.print(comparison_table.table(result.compared))
    if result.equal:
        shown.print("\n[green]Equal to the bit:[/green] the run is reproduced.")
    else:
        shown.print("\n[red]Not equal:[/red] the run is not reproduced to the bit.")
    output.print_line(shown, f"Run: {result.run.path}")
    return 0 if result.equal else 1
