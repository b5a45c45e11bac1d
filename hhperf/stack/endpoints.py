"""Each part's address: the server that a setting names, else the embedded one."""

from typing import Any

from hhperf.search.connect import Endpoints
from hhperf.settings import Settings
from hhperf.stack.embedded import postgres_at
from hhperf.stack.running import Running
from hhperf.stack.servers import valkey_socket


def embedded_parts(settings: Settings) -> frozenset[str]:
    """Which of postgres, redis and providers no setting names."""
    named = {
        "postgres": settings.pgvector_host,
        "redis": settings.redis_host,
        "providers": settings.embed_service_url and settings.rerank_service_url,
    }
    return frozenset(part for part, where in named.items() if not where)


def endpoints(settings: Settings, running: Running | None) -> Endpoints:
    """Each part's address: its setting's, else the embedded server's."""
    url = running.url if running else ""
    return Endpoints(
        postgres=_postgres(settings, running),
        redis=_redis(settings, running),
        embed_url=settings.embed_service_url or url,
        rerank_url=settings.rerank_service_url or url,
    )


def _postgres(settings: Settings, running: Running | None) -> dict[str, Any]:
    if not settings.pgvector_host:
        return postgres_at(running.sockets) if running else {}
    password = settings.pgvector_password
    return {
        "host": settings.pgvector_host,
        "port": settings.pgvector_port,
        "database": settings.pgvector_database,
        "user": settings.pgvector_user,
        "password": password.get_secret_value() if password else None,
        "ssl": "require" if settings.pgvector_ssl else "prefer",
    }


def _redis(settings: Settings, running: Running | None) -> dict[str, Any]:
    if not settings.redis_host:
        return {"unix_socket_path": str(valkey_socket(running.sockets))} if running else {}
    password = settings.redis_password
    return {
        "host": settings.redis_host,
        "port": settings.redis_port,
        "password": password.get_secret_value() if password else None,
        "ssl": settings.redis_tls,
    }
