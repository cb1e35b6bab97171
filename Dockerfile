# One image a service: docker build --build-arg APP=signaling|matchmaker|gateway --tag parley-signaling .
ARG APP
# The newest long-term line that the tests run on. Another registry or a base of your own goes in here.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
# What changes rarely comes first, and is the same for all three: packages are fetched by the lock file alone.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
RUN npm install --global "$(node --print "require('./package.json').packageManager")" && pnpm fetch
COPY . .
ARG APP
RUN pnpm install --offline --frozen-lockfile --filter-prod "@parley/${APP}..." --filter parley \
  && pnpm --filter-prod "@parley/${APP}..." run build \
  && pnpm --filter "@parley/${APP}" --prod deploy /out \
  && pnpm --filter "@parley/${APP}" --prod sbom --sbom-type application --sbom-format cyclonedx --out /out/sbom.cdx.json \
  && find /out -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' -o -name '*.tsbuildinfo' -o -path '*/@opentelemetry/*/build/es*/*' \) -delete \
  && cp deploy/healthcheck.js /out/

FROM ${NODE_IMAGE} AS runtime
# As process 1, Node would ignore a stop signal that comes before its handlers stand: the kernel gives the first process no
# default action. tini passes signals on to a process that has one, and works where --init cannot be asked for.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
WORKDIR /app
ENV NODE_ENV=production

FROM runtime AS signaling
ENV PORT=3002

FROM runtime AS matchmaker
# A match makes much garbage that is dead at once; with more room for the young it is not copied to the old.
ENV PORT=8080 NODE_OPTIONS=--max-semi-space-size=32

FROM runtime AS gateway
ENV PORT=8090

FROM ${APP}
ARG APP
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG SOURCE=
LABEL org.opencontainers.image.title="parley-${APP}" \
  org.opencontainers.image.description="Parley ${APP}: session broker for cloud gaming and multiplayer rooms" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.source="${SOURCE}"
COPY --from=build /out ./
# `node` of the base image, by number: Kubernetes must see that it is not root.
USER 1000:1000
EXPOSE ${PORT}
# Whether the process lives. Never whether Redis does: an outage must not restart a fleet.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 CMD ["node", "healthcheck.js", "/healthz"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/main.js"]
