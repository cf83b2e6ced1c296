-- What the guests of a booking show, as its community has signed it when it was confirmed.
ALTER TABLE standings ADD COLUMN pass_token text;
