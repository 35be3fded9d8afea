"""Stands in for `dlcli.cli.launch_worker`: does what the test wrote down for it, in no time.

python fake_worker.py PIPE FOLDER [--quiet]

FOLDER/script.json holds, for each start, what each worker does: "exit N", "kill" (itself),
"stay" (until a signal, and save), "stay N" (the same, with exit code N), "hang" (whatever comes).
None does it before all have written into their logs, which count the starts.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from dlcli.launch.worker import end_with_launcher


def main(folder: Path) -> int:
    config = json.loads(os.environ["TF_CONFIG"])
    index = config["task"]["index"]
    logs = [folder / f"worker-{each}.jsonl" for each in range(len(config["cluster"]["worker"]))]
    log, starts = logs[index], _num_lines(logs[index])
    actions = json.loads((folder / "script.json").read_text())
    action = actions[min(starts, len(actions) - 1)][index]
    came = []

    def note(number, frame):
        came.append(number)
        (folder / f"told-{index}-{len(came)}").touch()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    with log.open("a") as file:
        started = {name: os.environ.get(name) for name in ("TF_CONFIG", "CUDA_VISIBLE_DEVICES")}
        file.write(json.dumps({"process": os.getpid(), "arguments": sys.argv[2:]} | started) + "\n")
    print(f"result of worker {index}")
    print(f"Warning: of all\nWarning: of {index}\nError: of {index}", file=sys.stderr, flush=True)
    while min(map(_num_lines, logs)) <= starts:
        time.sleep(0.01)
    kind, _, number = action.partition(" ")
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "exit":
        return int(number)
    while not came or kind == "hang":
        time.sleep(0.01)
    (folder / f"saved-{index}").touch()
    return int(number or 128 + came[0])


def _num_lines(log: Path) -> int:
    return log.read_text().count("\n") if log.exists() else 0


if __name__ == "__main__":
    end_with_launcher(int(sys.argv[1]))
    sys.exit(main(Path(sys.argv[2])))
