-- name: visits
-- The acting community's visits by their last day: completed, or on the way to it.
SELECT body FROM records
WHERE community = $1 AND ($2::text IS NULL OR partner = $2) AND last_day BETWEEN $3 AND $4
    AND state IN ('confirmed', 'departed', 'arrived', 'completed')
ORDER BY referral_id

-- name: statement_months
-- Months with completed visits, or of which anything was confirmed, newest first.
SELECT partner, month FROM (
    SELECT partner, to_char(last_day, 'YYYY-MM') AS month FROM records WHERE community = $1 AND state = 'completed'
    UNION SELECT partner, month FROM statements_confirmed WHERE community = $1
    UNION SELECT partner, month FROM partner_statements_confirmed WHERE community = $1
) known
WHERE ($2::text IS NULL OR partner = $2) AND ($3::text IS NULL OR (month, partner) < ($3, $4::text))
ORDER BY month DESC, partner DESC LIMIT $5

-- name: confirmed
-- What was confirmed, by the acting community and by its partners.
SELECT 'ours' AS whose, partner, month, digest, totals, confirmed_at FROM statements_confirmed
WHERE community = $1 AND ($2::text IS NULL OR partner = $2) AND month BETWEEN $3 AND $4
UNION ALL
SELECT 'theirs', partner, month, digest, totals, confirmed_at FROM partner_statements_confirmed
WHERE community = $1 AND ($2::text IS NULL OR partner = $2) AND month BETWEEN $3 AND $4

-- name: keep_our_confirmed
-- The last word of our community.
INSERT INTO statements_confirmed (community, partner, month, digest, totals, confirmed_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (community, partner, month) DO UPDATE SET digest = $4, totals = $5, confirmed_at = $6

-- name: keep_their_confirmed
-- The last word of the partner.
INSERT INTO partner_statements_confirmed (community, partner, month, digest, totals, confirmed_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (community, partner, month) DO UPDATE SET digest = $4, totals = $5, confirmed_at = $6
