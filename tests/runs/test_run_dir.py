"""The run directory: made, found, locked, read, removed."""

import errno
import fcntl
import multiprocessing
import os
import re
import time
from pathlib import Path

import pytest

from dlcli import files
from dlcli.errors import DlcliError, RunBusyError, UsageError
from dlcli.runs import documents, run_dir, summary
from dlcli.runs.run_dir import RunDir


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def make(name: str, folder: str = "runs", age: float = 0, completed: bool = True) -> RunDir:
    run = RunDir(Path(folder, name))
    run.path.mkdir(parents=True)
    run.recipe.write_text("task: x\n", encoding="utf-8")
    changed = time.time() - age
    os.utime(run.recipe, (changed, changed))
    run.environment.write_text("{}", encoding="utf-8")
    if completed:
        run.metrics.write_text("{}", encoding="utf-8")
    return run


def hold(path: Path, taken: multiprocessing.Event, end: multiprocessing.Event) -> None:
    """Hold a run, in another process, until told to end."""
    with RunDir(path).locked():
        taken.set()
        end.wait(60)


@pytest.fixture
def held():
    """A run that another process is writing."""
    run = make("busy", completed=False)
    context = multiprocessing.get_context("spawn")
    taken, end = context.Event(), context.Event()
    process = context.Process(target=hold, args=(run.path.resolve(), taken, end))
    process.start()
    if not taken.wait(60):
        pytest.fail("the other process did not take the run")
    yield run, process.pid
    end.set()
    process.join()


@pytest.mark.parametrize(
    ("option", "variable", "folder"),
    [("given", "set", "given"), (None, "set", "set"), (None, "", "runs"), (None, None, "runs")],
)
def test_the_runs_folder_is_the_option_else_the_variable_else_runs(
    monkeypatch, option, variable, folder
):
    if variable is not None:
        monkeypatch.setenv("DLCLI_RUNS_DIR", variable)
    assert run_dir.runs_folder(option and Path(option)) == Path(folder)


def create(folder, name=None):
    return run_dir.create(folder, "digits-cnn", name, recipe="task: x\n", environment={"a": 1})


def test_a_new_run_is_named_after_its_recipe_and_the_time_and_never_takes_anothers_folder():
    runs = [create(Path("deep", "runs")) for _ in range(20)]
    assert len({run.name for run in runs}) == 20
    for run in runs:
        assert re.fullmatch(r"digits-cnn-\d{8}-\d{6}(-\d+)?", run.name)
        assert run.recipe.read_text(encoding="utf-8") == "task: x\n"
        assert documents.read_json(run.environment) == {"a": 1}
    assert {path.name for path in Path("deep", "runs").iterdir()} == {run.name for run in runs}


@pytest.mark.parametrize(
    "name", ["", ".", "..", "latest", "a/b", "a=b", ".hidden", "-x", "a\nb", "x" * 201, "\udcff"]
)
def test_a_name_that_would_not_work_is_refused(name):
    with pytest.raises(UsageError, match=r"cannot name a run\. Expected a plain folder name"):
        create(Path("runs"), name)
    assert not Path("runs").exists()


@pytest.mark.parametrize("name", ["mine", "第一次 试验", "a,b:c", "x" * 200])
def test_a_name_that_works_is_taken_as_it_is(name):
    assert create(Path("runs"), name).name == name


def test_a_name_that_is_taken_is_refused():
    make("mine")
    with pytest.raises(UsageError, match="a run named 'mine' is in runs already"):
        create(Path("runs"), "mine")
    assert [path.name for path in Path("runs").iterdir()] == ["mine"]


def test_a_process_killed_at_the_beginning_blocks_no_name(monkeypatch):
    def killed(*arguments):
        raise SystemExit(9)  # neither an error nor a clash

    with monkeypatch.context() as patched:
        patched.setattr(files, "write_text", killed)
        with pytest.raises(SystemExit):
            create(Path("runs"), "mine")
    assert create(Path("runs"), "mine").recipe.exists()


def test_a_runs_folder_that_cannot_be_made_is_named():
    Path("runs").write_text("a file", encoding="utf-8")
    with pytest.raises(DlcliError, match="the runs folder runs cannot be written: Not a directory"):
        create(Path("runs"))
    for folder in (Path("runs"), Path("runs", "deeper", "still")):
        with pytest.raises(DlcliError, match=f"runs folder {folder} cannot be .*: Not a directory"):
            run_dir.check_folder(folder)


def test_a_folder_of_runs_is_checked_without_a_trace():
    run_dir.check_folder(Path("not", "there"))
    run_dir.check_folder(Path())
    assert list(Path().iterdir()) == []


def test_runs_are_listed_newest_first_and_other_folders_are_left_out():
    for name, age in (("old", 20), ("new", 5), ("middle", 10), (".x.removed-1", 1)):
        make(name, age=age)
    Path("runs", "no-run").mkdir()
    Path("runs", "notes.txt").touch()
    assert [run.name for run in run_dir.all_runs(Path("runs"))] == ["new", "middle", "old"]
    assert run_dir.all_runs(Path("nowhere")) == []
    assert run_dir.all_runs(Path("runs", "notes.txt")) == []


def test_a_run_whose_recipe_is_no_file_is_none():
    make("whole")
    make("folder").recipe.unlink()
    Path("runs/folder/recipe.yaml").mkdir()
    assert [run.name for run in run_dir.all_runs(Path("runs"))] == ["whole"]
    with pytest.raises(UsageError, match=r"there is no run 'folder' in runs, nor at that path\.$"):
        run_dir.find("folder", Path("runs"))


def test_latest_is_the_newest_completed_run():
    make("old", age=20)
    make("middle", age=10)
    make("broken", age=5, completed=False)
    assert run_dir.find("latest", Path("runs")).name == "middle"
    with pytest.raises(UsageError, match="there is no completed run in nowhere"):
        run_dir.find("latest", Path("nowhere"))


def test_a_run_is_found_by_its_name_and_by_its_path(monkeypatch, tmp_path):
    run = make("mine")
    other = make("other", folder="elsewhere")
    assert run_dir.find("mine", Path("runs")) == run
    assert run_dir.find("runs/mine", Path("runs")) == run
    assert run_dir.find("elsewhere/other", Path("runs")) == other
    assert run_dir.find(str(tmp_path / "elsewhere/other"), Path("runs")).name == "other"
    monkeypatch.chdir(run.path)
    assert run_dir.find(".", Path("runs")) == RunDir(tmp_path / "runs" / "mine")


@pytest.mark.parametrize("reference", ["", "min", "no/where", "x" * 300, "~nobody-of-this-name"])
def test_a_run_that_does_not_exist_is_named(reference):
    make("mine")
    Path("recipe.yaml").write_text("a recipe in the current folder", encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(f"there is no run '{reference}' in runs")) as it:
        run_dir.find(reference, Path("runs"))
    assert it.value.message.endswith("Did you mean 'mine'?") == (reference == "min")


def test_a_run_comes_before_a_file_of_its_name_and_a_file_before_nothing():
    run = make("mine")
    for name in ("mine", "model.tflite"):
        Path(name).touch()
    assert run_dir.find_run_or_artifact("mine", Path("runs")) == run.path
    assert run_dir.find_run_or_artifact("latest", Path("runs")) == run.path
    assert run_dir.find_run_or_artifact("model.tflite", Path("runs")) == Path("model.tflite")
    for reference in ("", "nothing", "x" * 300):
        with pytest.raises(UsageError, match="there is no run"):
            run_dir.find_run_or_artifact(reference, Path("runs"))


def test_the_state_is_told_by_the_files_and_the_lock(held):
    run, _ = held
    assert run.state() == "training"
    assert make("done").state() == "completed"
    stopped = make("stopped", completed=False)
    assert stopped.state() == "empty"
    stopped.checkpoints.mkdir()
    (stopped.checkpoints / "step-3.npz").touch()
    assert stopped.state() == "interrupted"


def test_a_run_is_written_by_one_process_at_a_time(held):
    run, pid = held
    assert run.holder() == f"process {pid} on host {os.uname().nodename}"
    busy = pytest.raises(RunBusyError, match=f"run busy is being written by process {pid} on")
    with busy, run.locked():
        pass


def test_a_look_at_the_holder_does_not_keep_a_training_from_the_run(monkeypatch):
    run = make("mine", completed=False)
    run.lock.touch()
    with run.lock.open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        sleeps = []

        def let_go(seconds: float) -> None:
            sleeps.append(seconds)
            fcntl.flock(looking, fcntl.LOCK_UN)

        monkeypatch.setattr(run_dir.time, "sleep", let_go)
        with run.locked():
            assert run.state() == "training"
    assert len(sleeps) == 1
    assert run.holder() == ""


def test_a_file_system_without_locks_is_not_taken_for_a_busy_run(monkeypatch):
    run = make("mine")

    def refuse(file: object, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    no_lock = pytest.raises(DlcliError, match=r"run\.lock cannot be locked: No locks available")
    with no_lock, run.locked():
        pass


def test_contents_and_size_are_those_of_the_files_there_are():
    run = make("mine")
    run.plots.mkdir()
    (run.plots / "training.png").write_bytes(b"x" * 1000)
    assert [path.name for path, _ in run.contents()] == [
        "recipe.yaml",
        "environment.json",
        "metrics.json",
        "plots",
    ]
    assert run.size() == 1000 + len("task: x\n") + len("{}") + len("{}")


def test_removing_a_run_leaves_nothing_of_it_and_the_others_whole():
    run, other = make("mine"), make("other")
    (run.path / "exports" / "saved_model").mkdir(parents=True)
    run_dir.remove(run)
    assert [path.name for path in Path("runs").iterdir()] == ["other"]
    assert other.metrics.exists()


def test_removing_a_link_leaves_what_it_points_to():
    target = make("mine", folder="elsewhere")
    Path("runs").mkdir()
    Path("runs", "link").symlink_to(target.path.resolve())
    run_dir.remove(run_dir.find("link", Path("runs")))
    assert not list(Path("runs").iterdir())
    assert target.metrics.exists()


def test_a_busy_run_is_not_removed(held):
    run, _ = held
    with pytest.raises(RunBusyError, match="run busy is being written by process"):
        run_dir.remove(run)
    assert run.recipe.exists()


def test_a_folder_that_dlcli_did_not_make_is_not_removed():
    project = Path("project")
    project.mkdir()
    (project / "recipe.yaml").touch()
    (project / "thesis.tex").touch()
    with pytest.raises(UsageError, match="dlcli did not make this folder"):
        run_dir.remove(run_dir.find("project", Path("runs")))
    assert sorted(path.name for path in project.iterdir()) == ["recipe.yaml", "thesis.tex"]


def test_a_run_that_cannot_be_removed_stays_in_the_list(monkeypatch):
    run = make("mine")

    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(source))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(DlcliError, match="run mine cannot be removed: runs/mine: Permission"):
        run_dir.remove(run)
    assert run_dir.all_runs(Path("runs")) == [run]


def test_the_default_name_is_the_recipe_and_the_time_and_known_as_such():
    name = run_dir.default_name("digits-cnn")
    assert re.fullmatch(r"digits-cnn-\d{8}-\d{6}", name)
    assert run_dir.is_default_name(name, "digits-cnn")
    assert run_dir.is_default_name(f"{name}-2", "digits-cnn")
    assert not run_dir.is_default_name(name, "digits")
    assert not run_dir.is_default_name("digits-cnn", "digits-cnn")


@pytest.mark.parametrize("name", ["run.lock", "history.csv", "timing.csv", "metrics.json"])
def test_a_pipe_in_a_run_is_not_waited_for(name):
    run = make("pipes", completed=False)
    os.mkfifo(run.path / name)
    found = summary.summarize(run)
    assert (found.name, found.curve) == ("pipes", ())
    assert summary.history(run.path / name) == []


@pytest.mark.parametrize("what", ["a folder", "a device"])
def test_a_lock_that_is_no_file_is_named(what):
    run = make("locked")
    if what == "a folder":
        run.lock.mkdir()
    else:
        run.lock.symlink_to("/dev/zero")
    told = r"locked cannot be locked: .*run\.lock is no file"
    with pytest.raises(DlcliError, match=told), run.locked():
        pass


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("epoch,", "nan,"),
        ("1,2.5", "x,2.5"),
        ("1,2.5", "2,2.5"),
        ("1,2.5", "1,2.5,7,8,9"),
        ("1,2.5", "1"),
        ("1,2.5", "1,\0"),
    ],
)
def test_a_damaged_table_of_epochs_counts_for_nothing(old, new):
    path = Path("history.csv")
    path.write_text("epoch,loss\n1,2.5\n2,nan\n", encoding="utf-8")
    assert [row["epoch"] for row in summary.history(path)] == [1, 2]
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert summary.history(path) == []


@pytest.mark.parametrize("row", ["2,inf,3,0", "2,1.5,nan,0", "2,1.5,3", "", "2,1.5,3,0,5"])
def test_a_damaged_timing_counts_for_nothing(row):
    path = Path("timing.csv")
    text = "epoch,seconds,examples_per_second,checkpoint_seconds\n1,0.5,30,0.1\n"
    path.write_text(text, encoding="utf-8")
    assert summary.timing(path)[0]["checkpoint_seconds"] == 0.1
    path.write_text(text.replace(",seconds", ",minutes") if not row else text + row, "utf-8")
    assert summary.timing(path) == []
