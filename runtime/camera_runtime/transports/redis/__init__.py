"""Frames over Redis Streams: a stream for each camera and hop, a group a stage, pictures beside it. Needs Redis 7.0."""
