"""The complete list of what may cross to another community or country. Whatever is not in here stays."""
