"""Models of the artist's own, used where they lie: their headers, and the list of those added."""
