"""Acting: what one rendering cannot bring about: captures in turns, the word to running pods, the owner's purge webhook."""
