# syntax=docker/dockerfile:1
FROM rust:1.95-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential \
    && rm -rf /var/lib/apt/lists/* \
    && rustup target add wasm32-unknown-unknown
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package mini-llm-chat

FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --uid 10001 --user-group chat \
    && install --directory --owner=chat --group=chat --mode=0700 /data
COPY --from=build /src/target/release/mini-llm-chat /usr/local/bin/mini-llm-chat
USER 10001:10001
ENV XDG_DATA_HOME=/data/share XDG_STATE_HOME=/data/state XDG_CACHE_HOME=/data/cache
VOLUME /data
ENTRYPOINT ["mini-llm-chat"]
