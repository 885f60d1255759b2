"""The .maquette document: one SQLite file with references, styles, works and judgements."""
