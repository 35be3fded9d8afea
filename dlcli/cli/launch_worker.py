"""A worker that `dlcli launch --local` started: the command line, tied to the launcher's life.

python -m dlcli.cli.launch_worker PIPE train ...
"""

from __future__ import annotations

import sys

from dlcli.launch import worker

if __name__ == "__main__":
    worker.end_with_launcher(int(sys.argv.pop(1)))
    from dlcli.cli.main import run

    sys.argv[0] = "dlcli"
    run()
