"""`./handoff screens`: the pages of the portal as pictures."""
