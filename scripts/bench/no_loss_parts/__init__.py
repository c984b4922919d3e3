"""The parts of `no_loss.py`: processes that keep journals, who kills them, and what became of every frame."""
