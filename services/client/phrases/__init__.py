"""One catalogue of phrases in English, Thai and Lao; the English text of a phrase is its key."""
