-- Which member did what its community did, for the others of that community; known to nobody else.
ALTER TABLE story ADD COLUMN account text;
