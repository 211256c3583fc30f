"""The networks of the course. Each module is written by `make export` from the notebook that its first line names."""
