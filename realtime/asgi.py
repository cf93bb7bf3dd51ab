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
from realtime.socket import Sockets  # noqa: E402 - after Django is set up

application = ProtocolTypeRouter({"http": http, "websocket": counting_sockets(Sockets())})
