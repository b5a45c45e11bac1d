"""`python -m hhperf` is `hhperf`, also where the command is not on the path."""

from hhperf.cli.main import main

if __name__ == "__main__":
    main()
