"""What all tests share."""

import os

os.environ["MPLBACKEND"] = "agg"  # figures without a screen, in this process and those it starts
