"""What everything in a process stands on: settings, log lines, spans, ids, green threads to coroutines."""
