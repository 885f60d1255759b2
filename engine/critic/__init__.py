"""The critic: how close works come to their references, how good, how new and how varied they are,
and why. Works without a network, on named features that an artist can follow."""
