-- Which member changed what is offered on some days, for the others of that community.
ALTER TABLE exceptions ADD COLUMN account text;
