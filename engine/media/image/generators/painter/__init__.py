"""Pictures painted with the references' own patches: a coarse layout, repainted from coarse to
fine with what lies nearest in the references."""
