"""Messages on a broker, or on the bus inside the process: publish, consume, names of queues."""
