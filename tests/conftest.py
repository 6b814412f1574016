"""What holds for every test: libraries stay offline and keep quiet, also in tests that run outside the
wall.
"""

import os

from policies.enforcement import OFFLINE

os.environ.update(OFFLINE)
