"""What services promise one another: messages, values and the one way to say no."""
