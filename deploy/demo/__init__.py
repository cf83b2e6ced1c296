"""The demonstration network: real places, invented prices and times (marked), and code that makes commands of them."""
