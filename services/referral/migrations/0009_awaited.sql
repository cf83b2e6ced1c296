-- What may wait for a community to decide: whoever asks often reads this, and nothing of what has ended.
CREATE INDEX records_awaited ON records (community, referral_id)
    WHERE (side = 'receiver' AND state IN ('offered', 'held')) OR (side = 'sender' AND state IN ('countered', 'accepted'));
