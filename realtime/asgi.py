"""HTTP and websockets on one port, as Daphne serves them."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
http = get_asgi_application()


async def refuse_websocket(scope, receive, send) -> None:
    """Close every websocket: no dialect built so far publishes one."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


application = ProtocolTypeRouter({"http": http, "websocket": refuse_websocket})
