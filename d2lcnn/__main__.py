"""`python -m d2lcnn` checks the environment; exit status 1 where something fails."""
import sys

from .environment import check_environment

sys.exit(not check_environment())
