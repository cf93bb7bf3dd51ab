"""The one settings file. What differs between machines comes from `env.py`."""

from datetime import timedelta

import dj_database_url
from kombu import Queue

from backend.env import BASE_DIR, env, split

env.refuse_unsafe_production()

DEBUG = False  # errors keep their dialect's shape everywhere; the log has the traceback
DEVELOPMENT = env.is_development
SECRET_KEY = env.secret_key
SECRET_KEY_FALLBACKS = split(env.secret_key_fallbacks)
ALLOWED_HOSTS = split(env.allowed_hosts)
VAR = env.crisol_var.resolve()
VAR.mkdir(parents=True, exist_ok=True)

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "ninja",
    "ninja_extra",
    "ninja_jwt",
    "ninja_jwt.token_blacklist",
    "backend.core",
    "backend.monitoring",
    "backend.modules.ledger",
    "backend.modules.notifications",
    "backend.modules.identity",
    "backend.modules.attachments",
    "backend.modules.companies",
    "backend.modules.contacts",
    "backend.modules.opportunities",
    "backend.modules.leads",
    "backend.modules.activities",
    "backend.modules.intake",
    "backend.modules.contracts",
    "backend.modules.messaging",
    "backend.modules.reports",
    "backend.modules.exchange",
    "backend.modules.scheduling",
    "backend.demo",
    "worker",
]

MIDDLEWARE = [
    "backend.core.request_id.RequestIdMiddleware",
    "backend.core.addresses.AddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backend.monitoring.middleware.MetricsMiddleware",  # below the static files, which are not counted
    "corsheaders.middleware.CorsMiddleware",
    "backend.modules.intake.routers.origins.FormOrigins",
    "backend.dialects.middleware.DialectMiddleware",
    "django.middleware.common.CommonMiddleware",
    "backend.dialects.middleware.PageSessions",
    "backend.dialects.middleware.PageForgeryProtection",
    "backend.dialects.middleware.PageLogin",
    "backend.dialects.middleware.PageMessages",
    "backend.dialects.middleware.PageFrames",
]

ROOT_URLCONF = "backend.urls"
WSGI_APPLICATION = "backend.wsgi.application"
ASGI_APPLICATION = "realtime.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "backend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- database -------------------------------------------------------------------------------------------------------
# SQLite needs WAL with IMMEDIATE transactions: WAL alone loses 60 % of concurrent writes (measured).
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": VAR / "crisol.sqlite3",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-20000;"
            "PRAGMA temp_store=MEMORY;PRAGMA mmap_size=134217728"
        ),
    },
    "TEST": {"NAME": VAR / "test.sqlite3"},
}
# The number lets statements be prepared at all. Django's own cursors never are; `core/prepared.py` asks for it.
PREPARE = {"prepare_threshold": 5 if env.database_prepare else None}
POOLED = {"OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}, **PREPARE}}
PERSISTENT = {"CONN_MAX_AGE": None, "OPTIONS": PREPARE}  # a connection per thread
POSTGRESQL = (POOLED if env.database_pool else PERSISTENT) | {"DISABLE_SERVER_SIDE_CURSORS": True}


def database() -> dict:
    if not env.database_url:
        return SQLITE
    parsed = dj_database_url.parse(env.database_url)
    return SQLITE | {"NAME": parsed["NAME"]} if "sqlite" in parsed["ENGINE"] else parsed | POSTGRESQL


DATABASES = {"default": database()}
WORKSPACE_MODEL = "identity.Workspace"
COUNT_BOUND = env.count_bound

# --- files ----------------------------------------------------------------------------------------------------------
UPLOADS = VAR / "uploads"
UPLOAD_MAX_MB = env.upload_max_mb
UPLOAD_MAX_BYTES = UPLOAD_MAX_MB * 1024 * 1024
UPLOAD_TYPES = frozenset(each.lower() for each in split(env.upload_types))
# Files are in `UPLOADS` unless a bucket is named.
S3 = {
    "bucket": env.s3_bucket,
    "endpoint_url": env.s3_endpoint_url,
    "public_endpoint_url": env.s3_public_endpoint_url,
    "access_key": env.s3_access_key,
    "secret_key": env.s3_secret_key,
    "region": env.s3_region,
}

# --- who calls ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "identity.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # user names are unique through username_key, in any case
AUTHENTICATION_BACKENDS = ["backend.modules.identity.authentication.PasswordBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# django-ninja-jwt reads every field that is left out here from the process environment, whatever its prefix.
# So each one is named; a test starts a process with a hostile environment.
NINJA_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.access_token_minutes),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.refresh_token_days),
    "ROTATE_REFRESH_TOKENS": False,
    "BLACKLIST_AFTER_ROTATION": False,
    "UPDATE_LAST_LOGIN": False,
    "ALGORITHM": "HS256",
    "SIGNING_KEY": SECRET_KEY,
    "VERIFYING_KEY": "",
    "AUDIENCE": None,
    "ISSUER": "crisol",
    "JWK_URL": None,
    "LEEWAY": 0,
    "USER_ID_FIELD": "id",
    "USER_ID_CLAIM": "user_id",
    "USER_AUTHENTICATION_RULE": "ninja_jwt.authentication.default_user_authentication_rule",
    "TOKEN_USER_CLASS": "ninja_jwt.models.TokenUser",
    "AUTH_TOKEN_CLASSES": ["ninja_jwt.tokens.AccessToken"],
    "JSON_ENCODER": None,
    "TOKEN_TYPE_CLAIM": "token_type",
    "JTI_CLAIM": "jti",
    "SLIDING_TOKEN_REFRESH_EXP_CLAIM": "refresh_exp",
    "SLIDING_TOKEN_LIFETIME": timedelta(minutes=5),
    "SLIDING_TOKEN_REFRESH_LIFETIME": timedelta(days=1),
    "TOKEN_OBTAIN_PAIR_INPUT_SCHEMA": "ninja_jwt.schema.TokenObtainPairInputSchema",
    "TOKEN_OBTAIN_PAIR_REFRESH_INPUT_SCHEMA": "ninja_jwt.schema.TokenRefreshInputSchema",
    "TOKEN_OBTAIN_SLIDING_INPUT_SCHEMA": "ninja_jwt.schema.TokenObtainSlidingInputSchema",
    "TOKEN_OBTAIN_SLIDING_REFRESH_INPUT_SCHEMA": "ninja_jwt.schema.TokenRefreshSlidingInputSchema",
    "TOKEN_BLACKLIST_INPUT_SCHEMA": "ninja_jwt.schema.TokenBlacklistInputSchema",
    "TOKEN_VERIFY_INPUT_SCHEMA": "ninja_jwt.schema.TokenVerifyInputSchema",
}
# How often may be tried what can be guessed (`core/throttling.py`), and by whom the client's address is believed.
THROTTLE_PER_ACCOUNT = env.throttle_per_account
THROTTLE_PER_ADDRESS = env.throttle_per_address
THROTTLE_SECONDS = env.throttle_seconds
WEB_FORM_PER_FORM = env.web_form_per_form
WEB_FORM_PER_ADDRESS = env.web_form_per_address
TRUSTED_PROXIES = env.trusted_networks
REGISTRATION = env.registration or ("open" if DEVELOPMENT else "invite")
DEMO_PASSWORDS = {"admin": env.demo_admin_password, "test": env.demo_user_password}
# Passwords that are published with the project: nobody logs in with one outside development.
PUBLISHED_PASSWORDS = frozenset({"admin123", "testpass123"})

# --- the worker and the socket --------------------------------------------------------------------------------------
REDIS_URL = env.redis
CELERY_BROKER_URL = env.celery_broker
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
# A task is a hint: what it should have done is a row, which the next sweep finds. So one that killed its worker is not
# put back into the queue, where it would kill the next.
CELERY_TASK_REJECT_ON_WORKER_LOST = False
# Celery kills a process of its pool that is at one task for so long; in a pool of threads `worker/limits.py` ends the
# worker, which its supervisor starts again. Jobs that can end themselves do so before (`backend.core.jobs.limited`).
CELERY_TASK_TIME_LIMIT = env.task_time_limit
CELERY_TASK_DEFAULT_QUEUE = "default"
# Each may have workers of its own (`celery worker -Q exports`); one without `-Q` works off all of them.
CELERY_TASK_QUEUES = [Queue(name) for name in ("default", "mail", "exports", "reports")]
CELERY_TASK_ROUTES = {
    "backend.modules.notifications.tasks.*": {"queue": "mail"},
    "backend.modules.identity.tasks.answer_recover*": {"queue": "mail"},
    "backend.modules.exchange.tasks.*": {"queue": "exports"},
    "backend.modules.reports.tasks.*": {"queue": "reports"},
    "backend.modules.scheduling.tasks.*": {"queue": "reports"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 60  # on a busy machine a process needs longer than four seconds to come up
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A request that leaves a hint waits two seconds at most for a broker that does not answer; by default, for ever.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_connect_timeout": 2,
    "socket_timeout": 2,
    "max_retries": 0,
}
CELERY_TIMEZONE = "UTC"
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
}

# --- who reads the metrics ------------------------------------------------------------------------------------------
METRICS_TOKEN = env.metrics_token
METRICS_ALLOW = env.metrics_networks

# --- outgoing mail --------------------------------------------------------------------------------------------------
# Without a server of its own, in development, mail goes to the sink that `manage.py serve` has started.
MAIL_SINK = DEVELOPMENT and not env.smtp_host and bool(env.mail_sink_port)
MAIL_FOLDER = VAR / "mail"
EMAIL_HOST = "127.0.0.1" if MAIL_SINK else env.smtp_host
EMAIL_PORT = env.mail_sink_port if MAIL_SINK else env.smtp_port
EMAIL_HOST_USER = "" if MAIL_SINK else env.smtp_user
EMAIL_HOST_PASSWORD = env.smtp_password
EMAIL_USE_TLS = not MAIL_SINK and env.smtp_security == "starttls"
EMAIL_USE_SSL = not MAIL_SINK and env.smtp_security == "tls"
EMAIL_TIMEOUT = env.smtp_timeout
MAIL_KEPT_DAYS = env.mail_kept_days
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.mail_from
PUBLIC_URL = (env.public_url or "http://127.0.0.1:8000").rstrip("/")
INVITATION_URL = env.invitation_url or f"{PUBLIC_URL}/invitation/#{{token}}"
PASSWORD_RESET_URL = env.password_reset_url or f"{PUBLIC_URL}/password-reset/#{{token}}"

# --- the web --------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "backend" / "static"]
STATIC_ROOT = BASE_DIR / "static-collected"
WHITENOISE_USE_FINDERS = DEVELOPMENT
WHITENOISE_AUTOREFRESH = DEVELOPMENT
APPEND_SLASH = False  # DialectMiddleware answers a missing slash, keeping method and body
CORS_URLS_REGEX = r"^/(?!leads/intake/)"  # where each workspace says itself which origins may call
CORS_ALLOWED_ORIGINS = [] if env.cors_allowed_origins == "*" else split(env.cors_allowed_origins)
CORS_ALLOW_ALL_ORIGINS = env.cors_allowed_origins == "*"
CORS_ALLOWED_ORIGIN_REGEXES = (
    [r"^https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$"] if DEVELOPMENT and not env.cors_allowed_origins else []
)
CORS_ALLOW_HEADERS = [
    "accept", "authorization", "content-type", "idempotency-key", "if-match", "x-api-key", "x-request-id",
]  # fmt: skip
CORS_EXPOSE_HEADERS = ["etag", "x-count-exact", "x-request-id", "idempotent-replay", "retry-after"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT
SECURE_CONTENT_TYPE_NOSNIFF = True

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
UNFOLD = {"SITE_TITLE": "Crisol", "SITE_HEADER": "Crisol", "SITE_URL": "/", "SHOW_VIEW_ON_SITE": False}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "backend.core.request_id.RequestIdFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": env.log_level},
    # A 4xx is the caller's business; what breaks inside is logged by the dialect, with its traceback.
    "loggers": {"django.request": {"level": "CRITICAL"}, "celery": {"level": env.log_level}},
}
