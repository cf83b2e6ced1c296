-- A community's own holds and bookings, newest first. Neither column ever changes, so updates stay on their page.

CREATE INDEX holds_by_community ON holds (community, placed_at DESC, hold_id DESC);
