"""The command line `./handoff`: one small module per verb."""
