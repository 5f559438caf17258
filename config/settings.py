"""Django's settings, in one file: what is installed, who is served, how it is stored, how it is kept safe.

Everything that differs between installations comes from `config.env`; docs/operator.md lists the variables.
"""

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import env

env.refuse_unknown()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- The installation -------------------------------------------------------------------------------------------------
REKEY_DEMO = env.flag("REKEY_DEMO")
REKEY_DATA = Path(env.text("REKEY_DATA", str(BASE_DIR / ".rekey")))
REKEY_BASE_DOMAIN = env.text("REKEY_BASE_DOMAIN", "localhost")
REKEY_PROXY_DEPTH = env.number("REKEY_PROXY_DEPTH", 0, low=0, high=10)
REKEY_SEALING_KEYS = env.sealing_keys("REKEY_SEALING_KEYS")
REKEY_ALLOW_PRIVATE_ADDRESSES = env.flag("REKEY_ALLOW_PRIVATE_ADDRESSES")
REKEY_AGENT_WAIT_URL = env.wait_address("REKEY_AGENT_WAIT_URL")
REKEY_PROVIDER_NAME = env.text("REKEY_PROVIDER_NAME", "Rekey")
REKEY_PORT = env.number("PORT", 8000, low=1, high=65535)
SECRET_KEY = env.secret("REKEY_SECRET_KEY", at_least=50)
DEBUG = False
ALLOWED_HOSTS = [
    "*"
]  # A host is allowed when it is an organization's: tenants.middleware answers 404 to any other.

# --- What is installed ------------------------------------------------------------------------------------------------
# BOTH stands in public and in every organization's schema; the rest of SHARED_APPS in public alone (docs/architecture.md).
BOTH = ["tenants.branding", "registration", "resets", "resets.writeback", "django.contrib.sessions"]
SHARED_APPS = [
    "tenants",  # before it, to close commands that would write past our flows
    "django_tenants",
    "licensing",
    "modeltranslation",
    "unfold.apps.BasicAppConfig",
    *BOTH,
    "tenants.apps.DesksConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_otp",
    "allauth",
    "allauth.account",
    "altcha_django",
    "csp",
    "procrastinate.contrib.django",
]
TENANT_APPS = [*BOTH]
INSTALLED_APPS = [*SHARED_APPS, *(["config.demo"] if REKEY_DEMO else [])]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenants.middleware.OrganizationMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tenants.speaking.LanguageMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "resets.kiosk.KioskMiddleware",
    "registration.interrupting.InterruptMiddleware",
    "registration.visit_views.VisitMiddleware",  # behind it: a visitor is nobody who could be interrupted
    "tenants.refusing.NotAllowedMiddleware",
]
ROOT_URLCONF = "config.urls_organization"
PUBLIC_SCHEMA_URLCONF = "config.urls_provider"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Organizations ----------------------------------------------------------------------------------------------------
TENANT_MODEL = "tenants.Organization"
TENANT_DOMAIN_MODEL = "tenants.Domain"
TENANT_LIMIT_SET_CALLS = True
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]

# --- Storage ----------------------------------------------------------------------------------------------------------
DATABASES = {
    "default": {
        "ENGINE": "django_tenants.postgresql_backend",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        **env.database("DATABASE_URL"),
    }
}
_REDIS = env.text("REDIS_URL", "")
_STORE: dict[str, object] = (
    {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _REDIS}
    if _REDIS
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        # Culling drops live rows, among them a captcha's "already used": never cull, a job deletes what has expired.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000_000},
    }
)
CACHES = {
    # A key in `default` belongs to one organization; `shared` is for claims that must hold across all of them.
    "default": {**_STORE, "KEY_PREFIX": "organization", "KEY_FUNCTION": "django_tenants.cache.make_key"},
    "shared": {**_STORE, "KEY_PREFIX": "shared"},
}
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.InMemoryStorage"
    },  # Nothing is stored in files: logos are rows.
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = REKEY_DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = REKEY_DEMO
# What is uploaded stays in memory until it is drawn again, so that no stranger's file touches a disk; tenants.middleware
# refuses what is longer.
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = REKEY_LARGEST_REQUEST = 3 * 1024 * 1024
# Where more is let in: the page asks who sends it before any of it is read.
REKEY_LARGER_REQUESTS = {"/admin/registration/peopleimport/add/": 51 * 1024 * 1024}
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

# --- Pages ------------------------------------------------------------------------------------------------------------
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                        "registration.method_templates.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "tenants.branding.context.brand",
            ],
        },
    }
]
FORM_RENDERER = "tenants.forms.PageRenderer"
# In the session, a row of the organization's own: Django's cookie would be signed for all organizations alike.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
# The columns of translated texts, so part of the schema: a language is added here together with a migration.
MODELTRANSLATION_LANGUAGES = ("en", "de", "ar")
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("en",)
USE_TZ = True
TIME_ZONE = "UTC"

# --- People -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "registration.User"
AUTHENTICATION_BACKENDS = ["registration.signing_in.PasswordBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "registration.signing_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "sign_in_name"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_FORMS = {"login": "registration.forms.SignInForm"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # seconds; Entra's registration session, reference entra.md b3
ACCOUNT_RATE_LIMITS = False  # counted by registration.signing_in: allauth's own costs 58 queries a sign-in.
ALLAUTH_TRUSTED_PROXY_COUNT = (
    0  # registration.signing_in reads the client's address by REKEY_PROXY_DEPTH instead.
)

# --- Captcha ----------------------------------------------------------------------------------------------------------
ALTCHA_CACHE_ALIAS = "shared"  # a solved challenge is claimed across all organizations
ALTCHA_CHALLENGE = {"cost": 2000, "max_number": 1000, "expires_seconds": 600}
# It asks for one secret for all; each organization derives its own (tenants.shield.captchas.altcha).
SILENCED_SYSTEM_CHECKS = ["altcha.E003"]

# --- Mail and jobs ----------------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.text("REKEY_MAIL_FROM", f"no-reply@{REKEY_BASE_DOMAIN}")
if REKEY_DEMO:
    EMAIL_BACKEND = "config.demo.inbox.Backend"
else:
    globals().update(env.mail_server("REKEY_EMAIL_URL"))
EMAIL_TIMEOUT = 10
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_IMPORT_PATHS = ["tenants.housekeeping"]

# --- The admin --------------------------------------------------------------------------------------------------------
_SITE = {
    "SITE_TITLE": "tenants.desks.title",
    "SITE_HEADER": "tenants.desks.title",
    "SITE_LOGO": "tenants.branding.skin.logo",
    "SITE_FAVICONS": [{"rel": "icon", "href": "tenants.branding.skin.icon"}],
    "COLORS": {"primary": "tenants.branding.skin.primary", "on-dark": "tenants.branding.skin.on_dark"},
    "STYLES": ["tenants.branding.skin.sheet"],
    "SCRIPTS": ["tenants.branding.skin.script"],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
}
UNFOLD_ORGANIZATION = {**_SITE, "SIDEBAR": {"navigation": "registration.navigation.organization"}}
UNFOLD_PROVIDER = {**_SITE, "SIDEBAR": {"navigation": "registration.navigation.provider"}}

# --- Browser security -------------------------------------------------------------------------------------------------
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = not REKEY_DEMO
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, KIOSK_COOKIE_NAME = (
    ("session", "csrf", "kiosk") if REKEY_DEMO else ("__Host-session", "__Host-csrf", "__Host-kiosk")
)
CHECKLIST_COOKIE_NAME = "checklist" if REKEY_DEMO else "__Host-checklist"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if REKEY_PROXY_DEPTH else None
SECURE_HSTS_SECONDS = 0 if REKEY_DEMO else 365 * 24 * 60 * 60
CSRF_FAILURE_VIEW = "tenants.refusing.form_too_old"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "media-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "report-uri": "/csp-report/",
    }
}

# --- Logs -------------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"organization": {"()": "django_tenants.log.TenantContextFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s [%(schema_name)s] %(name)s: %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "filters": ["organization"], "formatter": "line"}
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "INFO"},
        "procrastinate": {"level": "WARNING"},
    },
}
