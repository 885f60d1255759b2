"""The panels of the window, one a file. They read the session and call its verbs."""
