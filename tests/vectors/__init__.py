"""Vectors: what another implementation of the same formats has to make and to refuse."""
