"""What meets the outside over HTTP or asks services over the bus."""
