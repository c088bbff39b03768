# Three results: `server` (everything in one program, the SPA included), `web` (the SPA behind nginx, on its own) and,
# inside, the two builds. docker-compose.yml uses both; `server` alone is enough for a small desk.

FROM node:24-bookworm-slim AS spa
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM rust:1.95-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
COPY --from=spa /src/frontend/build frontend/build
RUN cargo build --locked --profile ship --package care --features embed-spa

FROM nginxinc/nginx-unprivileged:1.28-bookworm AS web
ENV NGINX_PORT=8080 CARE_UPSTREAM=server:8080
COPY frontend/nginx.conf /etc/nginx/templates/default.conf.template
COPY --from=spa /src/frontend/build /usr/share/nginx/html
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["curl", "--fail", "--silent", "--show-error", "--output", "/dev/null", "http://127.0.0.1:8080/theme.js"]

FROM debian:bookworm-slim AS server
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libpq5 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --home-dir /var/lib/care --create-home --shell /usr/sbin/nologin care
COPY --from=build /src/target/ship/care /usr/local/bin/care
USER 10001:10001
WORKDIR /var/lib/care
# No secret and no database: both must be given (see docker-compose.yml).
ENV CARE_LISTEN=0.0.0.0:8080 CARE_METRICS_LISTEN=0.0.0.0:9464 CARE_DATA=/var/lib/care CARE_LOG_JSON=1
EXPOSE 8080 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["care", "healthcheck"]
ENTRYPOINT ["care"]
CMD ["serve"]
