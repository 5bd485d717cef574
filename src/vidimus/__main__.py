"""`python -m vidimus`, and the console script: the first thing that runs.

It imports the rest inside, so that an interruption while the program is still being loaded
ends as quietly as one later on.
"""

import sys


def run() -> None:
    try:
        from vidimus.cli.main import run as run_command

        run_command()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
