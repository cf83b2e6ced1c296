-- name: operator
-- What an account is as an operator of the system.
SELECT account, since FROM operators WHERE account = $1

-- name: add_operator
-- An account looks after the system from now on.
INSERT INTO operators (account, since) VALUES ($1, $2)

-- name: operators
-- Everybody who looks after the system.
SELECT account, name, since, totp IS NOT NULL AS second
FROM operators JOIN accounts ON accounts.id = operators.account ORDER BY name, account

-- name: close_operator
-- Close the account of an operator of the system, and of nobody else.
DELETE FROM accounts WHERE id = $1 AND EXISTS (SELECT FROM operators WHERE operators.account = accounts.id)
