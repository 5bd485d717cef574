"""`python -m vidimus` is the command `vidimus`."""

from vidimus.cli.main import run

if __name__ == "__main__":
    run()
