-- What communities show to everybody, and what strangers ask them.

-- A community without a row has no page.
CREATE TABLE public_pages (
    community text COLLATE "C" PRIMARY KEY,
    shown boolean NOT NULL,
    changed_at timestamptz NOT NULL
);

-- In a community's words. `about` is an experience's id; empty: the community itself.
CREATE TABLE public_texts (
    community text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    language text NOT NULL CHECK (language IN ('th', 'lo', 'en')),
    said text NOT NULL CHECK (length(said) BETWEEN 1 AND 400),
    PRIMARY KEY (community, about, language)
);

-- Only what this portal has drawn anew from a photo is kept, never the photo itself. `alt` is written in `language`.
CREATE TABLE photos (
    id uuid PRIMARY KEY,
    community text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,
    alt text NOT NULL,
    language text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    body bytea NOT NULL CHECK (length(body) <= 61440),
    added_at timestamptz NOT NULL,
    UNIQUE (community, about, digest)
);
CREATE INDEX photos_by_digest ON photos (digest);

-- `wrapped` is who asks, how to reach them and what they ask: it opens with the node's keys alone.
CREATE TABLE enquiries (
    id uuid PRIMARY KEY,
    community text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    language text NOT NULL,
    wrapped text NOT NULL,
    asked_at timestamptz NOT NULL
);
CREATE INDEX enquiries_of_community ON enquiries (community, asked_at);
CREATE INDEX enquiries_by_time ON enquiries (asked_at);

-- How often was asked, by a keyed digest of an address or of a community.
CREATE TABLE enquiry_tries (
    about bytea NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX enquiry_tries_about ON enquiry_tries (about, at);

ALTER TABLE public_pages ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public_pages USING (node.may_see(community));
ALTER TABLE public_texts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public_texts USING (node.may_see(community));
ALTER TABLE photos ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON photos USING (node.may_see(community));
ALTER TABLE enquiries ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON enquiries USING (node.may_see(community));
