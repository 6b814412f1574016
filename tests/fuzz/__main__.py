"""`python -m tests.fuzz`: see `long_form`."""

import sys

from tests.fuzz.long_form import main

sys.exit(main())
