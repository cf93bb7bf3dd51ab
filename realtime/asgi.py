"""HTTP and websockets on one port, as Daphne serves them."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

from backend.env import env
from backend.monitoring import processes

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
processes.join(env.metrics_folder)
http = get_asgi_application()

from backend.monitoring.metrics import counting_sockets  # noqa: E402 - after joining the other processes


async def refuse_websocket(scope, receive, send) -> None:
    """Close every websocket: no dialect built so far publishes one."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


application = ProtocolTypeRouter({"http": http, "websocket": counting_sockets(refuse_websocket)})
