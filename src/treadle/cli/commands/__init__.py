"""One module a noun; each command is imported when it is called (see `cli.main.COMMANDS`)."""
