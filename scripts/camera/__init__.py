"""The simulated RTSP camera: an endless H.264 stream whose every picture carries its own number."""
