"""dlcli serve."""

from __future__ import annotations

import functools
import logging
import signal
import sys
from typing import Annotated, NoReturn

import typer

from dlcli.cli import options
from dlcli.cli.screens import output
from dlcli.errors import DlcliError, Interrupted

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli serve latest
dlcli serve runs/photos/exports/model.tflite --port 8000
dlcli serve latest --name digits --host 0.0.0.0
dlcli serve latest --port 0 --json
""")

_limit = functools.partial(typer.Option, rich_help_panel="Limits")
_PACKAGES = {"anyio", "multipart", "prometheus_client", "python_multipart", "starlette", "uvicorn"}


@app.command(epilog=EXAMPLES)
def serve(
    run_or_artifact: options.RunOrArtifact,
    host: Annotated[
        str, typer.Option(help="Address to serve on; 0.0.0.0 lets the whole network ask the model.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="0 takes one that is free.")
    ] = 8501,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Another name by which clients may call the server, such as that of a proxy; "
            "'*' for any. Repeatable.",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            help="What requests call the model. Default: the run's name, or the recipe's where "
            "the run has none of its own."
        ),
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    max_batch: Annotated[int, _limit(min=1, help="Most examples of one call of the model.")] = 64,
    batch_wait_ms: Annotated[
        float,
        _limit(
            min=0,
            max=10_000,
            help="How long a request waits for others, to be answered by the same call.",
        ),
    ] = 2.0,
    max_queue: Annotated[
        int,
        _limit(
            min=1,
            max=10_000,
            help="Requests under way at the same time; more are answered with 503.",
        ),
    ] = 128,
    max_request_mb: Annotated[
        float, _limit(min=0.001, help="Megabytes of a request; more are answered with 413.")
    ] = 32.0,
    timeout: Annotated[
        float,
        _limit(
            min=0.1,
            help="Seconds until an answer; a request that takes longer is answered with 503.",
        ),
    ] = 30.0,
    settings: options.Set = None,
    trust: options.Trust = False,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
) -> None:
    """Serve a run or an exported file over HTTP until Ctrl-C: a page to try it, and an API.

    On the page one drops a picture, types a text or fills in a row and sees the answer. Programs
    ask at /predict, with what dlcli predict takes, or as they ask TensorFlow Serving. For
    production, see docs/serving.md.
    """
    from dlcli.artifacts import settings as artifact_settings
    from dlcli.events import Stage
    from dlcli.runs import run_dir

    try:
        from dlcli.serving import app as application
        from dlcli.serving import metrics, model, server
        from dlcli.serving.endpoint import Limits
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES:
            raise
        raise DlcliError(
            f"dlcli serve needs the package {error.name}, which is not installed.",
            "Install what it needs: pip install 'dlcli[serve]'",
        ) from None

    if "--debug" in sys.argv:  # then a fault of one request is told with its traceback
        logging.getLogger("dlcli.serving").setLevel(logging.DEBUG)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    path = run_dir.find_run_or_artifact(run_or_artifact, run_dir.runs_folder(runs_dir))
    if name is not None:
        model.check_name(name)
    # Before the model is loaded, which takes longer.
    bound = server.bind(host, port)
    counted = metrics.Metrics()
    with output.status(quiet=json) as show:
        show(Stage("loading the model"))
        predictor, stepper = model.load(path, trust=trust)
        predictor.metadata = artifact_settings.applied(predictor.metadata, settings or [])
        served = model.Model(
            name or model.name_of(path, predictor.metadata),
            path.name,
            predictor,
            stepper,
            max_batch=max_batch,
            wait_seconds=batch_wait_ms / 1000,
            observe=counted.count_batch,
        )
        served.warm_up()
    limits = Limits(max_request_mb=max_request_mb, max_queue=max_queue, timeout=timeout)
    url = server.url(bound, host)

    def ready() -> None:
        if json:
            document = {
                "url": url,
                "name": served.name,
                "artifact": str(path),
                "task": served.metadata["task"],
                "predict_url": server.predict_url(url, served.name),
            }
            output.print_json("serve", document)
            sys.stdout.flush()
        else:
            from rich.text import Text

            screen = output.error_console()
            at = Text.assemble(f"{served.name} is served at ", (url, "bold"), "  (Ctrl-C ends it)")
            output.print_line(screen, at)
            output.print_line(
                screen,
                f"TensorFlow Serving's protocol: POST {server.predict_url(url, served.name)}",
            )
        if open_page:
            import webbrowser

            webbrowser.open(url)

    try:
        app_of_model = application.build(served, limits, counted, host, allow_host or [])
        server.serve(app_of_model, bound, timeout, ready)
    except Interrupted as ended:
        # It is how a server ends, and no error; and with --json the one document is printed.
        if not json:
            output.error_console().print("The server has stopped.")
        raise SystemExit(ended.exit_code) from None


def _stop(number: int, frame: object) -> NoReturn:
    raise Interrupted("the server was stopped.", "", number)
