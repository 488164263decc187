"""The running program: channels, command line, stores."""
