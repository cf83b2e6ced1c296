-- The contacts of agencies' bookings: whose hold it is, and whether, since when and until when one is held. No value.
CREATE TABLE contacts (
    hold_id uuid PRIMARY KEY,
    community text NOT NULL,
    agency text NOT NULL,
    -- How the booking ended: from then on nothing is kept for it.
    ended text,
    -- The holds that it has taken the place of, and from which the contact came over.
    earlier uuid[] NOT NULL DEFAULT '{}',
    -- On what it is kept, and the fields that are held, or were last.
    basis text,
    fields text[] NOT NULL DEFAULT '{}',
    delete_by date,
    -- Since when any contact is held, and since when this one is; both stand when it is erased, until it is kept anew.
    held_since timestamptz,
    held_from timestamptz,
    held_until timestamptz,
    touched_at timestamptz NOT NULL
);
CREATE INDEX contacts_due ON contacts (delete_by) WHERE held_from IS NOT NULL AND held_until IS NULL;
CREATE INDEX contacts_held ON contacts (held_since) WHERE held_since IS NOT NULL;
CREATE INDEX contacts_idle ON contacts (touched_at) WHERE held_since IS NULL OR held_until IS NOT NULL;

-- The key of a contact (`contact`), and what the next one is sealed to on its way in, once (`contact-one-time`).
CREATE TABLE contact_keys (
    hold_id uuid NOT NULL,
    community text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('contact', 'contact-one-time')),
    key_id uuid NOT NULL,
    public_key text,
    wrapped text NOT NULL,
    held_from timestamptz NOT NULL,
    PRIMARY KEY (hold_id, kind)
);
CREATE INDEX contact_keys_idle ON contact_keys (held_from) WHERE kind = 'contact-one-time';
-- A field a row: AES-256-GCM under the contact's key, bound to hold, community and field.
CREATE TABLE contact_fields (
    hold_id uuid NOT NULL,
    community text NOT NULL,
    field text NOT NULL,
    nonce bytea NOT NULL,
    ciphertext bytea NOT NULL,
    PRIMARY KEY (hold_id, field)
);
CREATE TRIGGER gone AFTER DELETE OR UPDATE OF held_from ON contact_keys
    FOR EACH ROW EXECUTE FUNCTION node.key_gone();

-- The ledger has contacts too: then `referral_id` is the hold's id.
ALTER TABLE erasures ADD COLUMN "of" text, ADD COLUMN ended text;

-- What an erasure has to find.
CREATE INDEX answers_contacts ON answers ((result ->> 'hold_id')) WHERE result ->> 'sealed' IS NOT NULL;

ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_fields ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON contacts USING (node.may_see(community));
CREATE POLICY own ON contact_keys USING (node.may_see(community));
CREATE POLICY own ON contact_fields USING (node.may_see(community));
