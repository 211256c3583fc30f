# The course in a container, for x86_64 and aarch64 (Apple silicon); Podman takes the same two commands:
#     docker build -t d2lcnn .
#     docker run --rm -it -p 127.0.0.1:8888:8888 -v d2lcnn:/home/learner/course/notebooks d2lcnn
# Then open the address with the token that it prints. The volume d2lcnn keeps what you change in the notebooks.

FROM docker.io/library/python:3.11-slim-bookworm AS system
# MXNet's wheels use the system's OpenMP and, on x86_64, libquadmath, which libgfortran5 brings along
RUN apt-get update && apt-get install -y --no-install-recommends git libgfortran5 libgomp1 make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --shell /bin/bash --uid 1000 learner \
    && install --directory --owner=learner --group=learner /home/learner/course
USER learner
WORKDIR /home/learner/course

FROM system AS course
# the packages first: a change of the course alone does not install them again
COPY --chown=learner:learner setup.sh requirements.lock requirements-gpu.lock pyproject.toml ./
RUN PIP_NO_CACHE_DIR=1 sh setup.sh
COPY --chown=learner:learner . .
# a file that is newer than the packages of an earlier build would have `make` install them once more
RUN touch .venv/ready
EXPOSE 8888
CMD ["make", "lab", "IP=0.0.0.0"]
