-- What happened was told in English; now it is a code.
UPDATE story SET act = CASE act
    WHEN 'hold placed, accepted by itself' THEN 'hold_placed_accepted_by_itself'
    ELSE replace(act, ' ', '_')
END
WHERE position(' ' IN act) > 0;
