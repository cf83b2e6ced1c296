"""What all rooms use: settings, log lines, spans, ids, and the bridge between green threads and coroutines."""
