"""Running the system: the command line, the embedded node, the files for containers."""
