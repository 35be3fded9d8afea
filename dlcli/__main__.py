"""`python -m dlcli` and the `dlcli` command."""

from dlcli.cli.main import run

if __name__ == "__main__":
    run()
