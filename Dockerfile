# Two stages: the first bundles the program, the second holds that one file, Node and nothing else; no shell, no npm.
# Both bases can be replaced by mirrors. The runtime image's entrypoint has to be Node.
ARG BUILD_IMAGE=node:24-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY src src
COPY tools tools
# The bundle must at least start.
RUN npm run build && node dist/rootcause.mjs --version

FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title=rootcause \
      org.opencontainers.image.description="Finds Kubernetes workloads that can never start because of runAsNonRoot" \
      org.opencontainers.image.licenses=Apache-2.0
# Owned by root and not writable by the user below.
COPY --from=build /build/dist/rootcause.mjs /app/rootcause.mjs
# A number, because the kubelet cannot verify a name.
# One malloc arena is enough for one busy thread; glibc would create several large ones.
ENV MALLOC_ARENA_MAX=1
USER 65532:65532
EXPOSE 8080
CMD ["/app/rootcause.mjs", "operator"]
