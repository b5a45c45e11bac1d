"""What the search and its two services agree on: paths and headers."""

EMBED_PATH = "/v1/embeddings/generate"
RERANK_PATH = "/v1/search/rerank"

TENANT_HEADER = "X-Tenant-ID"
REQUEST_ID_HEADER = "X-Request-ID"
THINK_TIME_HEADER = "X-Think-Time-Ms"
"""A modelled delay, asked of the kit's own services: they answer no sooner. Others ignore it."""
