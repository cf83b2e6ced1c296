-- Notifications for agencies: who wants to be told of what, and the outbox of it, which is also the log of deliveries.
-- Times are the machine's.

-- `community` is that of the base URL under which it was made; NULL: of the whole network. `sealed` has the secret that
-- signs and the receiver's own headers, wrapped by the node. `receiver` is the host: so many at once are sent to one.
CREATE TABLE subscriptions (
    id uuid PRIMARY KEY,
    agency text COLLATE "C" NOT NULL,
    community text COLLATE "C",
    url text NOT NULL,
    receiver text COLLATE "C" NOT NULL,
    types text[] NOT NULL,
    sealed text NOT NULL,
    made_at timestamptz NOT NULL,
    active boolean NOT NULL DEFAULT true,
    failing_since timestamptz,
    disabled_at timestamptz,
    problem text NOT NULL DEFAULT ''
);
CREATE INDEX subscriptions_of_agency ON subscriptions (agency, made_at);

-- One line is one notification of one subscription. What happens again before it was tried the first time is added to it:
-- the same booking, or the same product in the same month. `claimed_until`: some process sends it now; when that has died,
-- another one does.
CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    subscription uuid NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    type text COLLATE "C" NOT NULL CHECK (type IN ('BOOKING_UPDATE', 'PRODUCT_UPDATE', 'AVAILABILITY_UPDATE')),
    community text COLLATE "C" NOT NULL,
    -- The booking's uuid, or the product's id.
    subject text COLLATE "C" NOT NULL,
    month text COLLATE "C" NOT NULL DEFAULT '',
    first_day date,
    last_day date,
    made_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    claimed_until timestamptz,
    tries integer NOT NULL DEFAULT 0,
    standing text NOT NULL DEFAULT 'waits' CHECK (standing IN ('waits', 'sent', 'failed')),
    problem text NOT NULL DEFAULT '',
    tried_at timestamptz
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX notifications_together ON notifications (subscription, type, subject, month)
    WHERE standing = 'waits' AND tries = 0;
CREATE INDEX notifications_due ON notifications (due_at) WHERE standing = 'waits';
CREATE INDEX notifications_of_subscription ON notifications (subscription, made_at);
CREATE INDEX notifications_by_age ON notifications (made_at);

-- Which booking a hold is of, while a change of it is under way.
CREATE INDEX bookings_changing ON bookings ((change ->> 'hold_id')) WHERE change IS NOT NULL;
