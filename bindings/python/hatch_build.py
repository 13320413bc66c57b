"""Puts the library into the wheel: TIM_WHEEL_LIBRARY names the file, TIM_WHEEL_TAG the platform.

`scripts/wheel.sh` sets both. Without them the wheel has Python alone, for a system that has the
library already.
"""

import os

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Library(BuildHookInterface):
    def initialize(self, version, build_data):
        library = os.environ.get("TIM_WHEEL_LIBRARY")
        if library:
            build_data["force_include"][library] = "tim/" + os.environ["TIM_WHEEL_NAME"]
            build_data["pure_python"] = False
            build_data["tag"] = "py3-none-" + os.environ["TIM_WHEEL_TAG"]
