"""The journey page of one pipeline: its frames' journeys and pictures, as HTML made here, without a script."""
