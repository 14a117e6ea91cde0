"""Where the command `gatecalc` begins: Ctrl-C is answered while the rest is still imported."""

import sys

INTERRUPTED = 130
"""What a shell reports of a program that Ctrl-C ended."""


def main() -> int:
    """Runs the command line of this process and returns the exit status."""
    try:
        from gatecalc.cli.main import main as run

        return run()
    except KeyboardInterrupt:
        if sys.stderr is not None:
            print("gatecalc: interrupted", file=sys.stderr)
        return INTERRUPTED
