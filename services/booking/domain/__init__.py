"""What booking decides, without IO, clock or random ids: states, dated exceptions, pools, availability, prices."""
