"""These tests run on the engine: eventlet on its asyncio hub, patched before anything else is imported."""

import os
import warnings

os.environ["EVENTLET_HUB"] = "asyncio"
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # eventlet announces its retirement on import
    import eventlet
eventlet.monkey_patch()
