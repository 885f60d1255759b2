"""The studio's state on the real engine, in folders of its own."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
