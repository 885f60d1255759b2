"""Ratings that teach: what an artist likes, how sure that is, and what to show next."""
