"""The media, one folder each: codec, brief, features, judge, generators."""
