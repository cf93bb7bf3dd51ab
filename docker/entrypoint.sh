#!/bin/sh
# The processes of one installation by name; each replaces this shell, so that it gets the signals itself.
set -eu

case "${1:-web}" in
migrate) exec python manage.py migrate --noinput ;;
web) exec granian --interface wsgi --host 0.0.0.0 --port 8000 --workers "${WEB_WORKERS:-2}" --blocking-threads "${WEB_THREADS:-8}" \
    --respawn-failed-workers backend.wsgi:application ;;
realtime) exec python -m realtime.server -b 0.0.0.0 -p 8001 realtime.asgi:application ;;
worker) exec celery -A worker.app worker ${WORKER_QUEUES:+--queues "$WORKER_QUEUES"} --loglevel INFO --concurrency "${WORKER_PROCESSES:-2}" ;;
beat) exec celery -A worker.app beat --loglevel INFO --schedule /tmp/celerybeat-schedule ;;
*) exec python manage.py "$@" ;;
esac
