"""Capacity pools, holds and bookings; owns every dated exception."""
