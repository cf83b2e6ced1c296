"""What services promise one another: messages, values, permissions and refusals."""
