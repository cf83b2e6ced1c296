"""The portal: pages for the members of communities, on their phones."""
