"""What all operations share: who asks, what goes wrong, what is repeated, how booking is asked."""
