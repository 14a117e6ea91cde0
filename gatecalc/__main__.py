"""`python -m gatecalc` is the command `gatecalc`."""

import sys

from gatecalc.cli.main import main

sys.exit(main())
