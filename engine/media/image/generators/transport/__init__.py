"""Pictures: a style is what the patches of the references look like, at every scale."""
