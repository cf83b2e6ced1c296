"""What every edge shares: phrases in three languages, and how dates, money and parties are written."""
