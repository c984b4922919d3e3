"""`python -m frametrace_operator`: run the operator."""

import sys

from frametrace_operator.app import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
