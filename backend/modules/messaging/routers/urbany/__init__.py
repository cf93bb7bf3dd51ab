from backend.modules.messaging.routers.urbany.presence import presence

__all__ = ["presence"]
