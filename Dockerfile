# docker build --tag radsieve . && docker run --rm radsieve
# To keep results: docker run --rm --volume radsieve-results:/home/radsieve/project/results radsieve make demo TRACK=curation
# Where the build for CPUs of torch is to be taken from another package index, name it with --build-arg PIP_EXTRA_INDEX_URL=...
# Nothing listens outside of the container: the S3 server of the demo is bound to 127.0.0.1.
FROM python:3.11-slim-bookworm

RUN apt-get update \
  && apt-get install --yes --no-install-recommends git make \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --create-home --uid 1000 radsieve \
  && install --directory --owner radsieve --group radsieve /home/radsieve/project /home/radsieve/project/results

USER radsieve
WORKDIR /home/radsieve/project
ARG PIP_EXTRA_INDEX_URL=
ENV PIP_NO_CACHE_DIR=1

# Packages first: they change less often than the sources.
COPY --chown=radsieve:radsieve requirements.lock ./
RUN python3.11 -m venv .venv \
  && .venv/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock

COPY --chown=radsieve:radsieve . ./
RUN make install

CMD ["make", "demo"]
