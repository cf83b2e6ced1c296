"""The edge for travel agencies: products, availability and bookings in the words of OCTO."""
