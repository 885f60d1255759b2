"""The command line: verbs, their options, how a job is shown, and the demo."""
