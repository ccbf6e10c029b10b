"""Settings that all tests share: how Hypothesis draws its examples.

`repeatable` (the default) draws the same examples in every run, so that a red run is red again. `explore` draws fresh
ones, and more of them: HYPOTHESIS_PROFILE=explore. Neither asserts how long an example takes.
"""

import os

from hypothesis import HealthCheck, settings

UNTIMED = (HealthCheck.too_slow,)

settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True, suppress_health_check=UNTIMED)
settings.register_profile("explore", deadline=None, max_examples=2000, print_blob=True, suppress_health_check=UNTIMED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
