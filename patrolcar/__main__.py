"""``python -m patrolcar``."""

import sys

from patrolcar.cli import main

sys.exit(main())
