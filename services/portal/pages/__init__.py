"""The pages, one module for each group of them, with their routes at its end."""
