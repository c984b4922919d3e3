"""Entry point of ``python -m scripts.cluster``."""

from scripts.cluster.cli import main

main()
