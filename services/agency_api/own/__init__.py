"""Operations of our own beside OCTO's, under `/v1`: search, calendars of many products, communities, agreements."""
