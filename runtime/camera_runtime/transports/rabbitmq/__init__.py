"""Frames over RabbitMQ: a quorum queue for each camera, hop and reading stage, pictures in the messages. Needs 3.10."""
