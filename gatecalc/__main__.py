"""`python -m gatecalc` is the command `gatecalc`."""

import sys

from gatecalc.cli.entry import main

sys.exit(main())
