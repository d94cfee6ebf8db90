"""Settings of Django. There is no debug mode: an error page never shows code, queries or paths."""

from __future__ import annotations

from importlib.util import find_spec

from csp.constants import NONE, SELF

from zorgspiegel.config import environment
from zorgspiegel.config.mail import mail_settings

ENVIRONMENT = environment.read()

# What this site is and where its data are.
HOME = ENVIRONMENT.home
BRONVERMELDING = ENVIRONMENT.bronvermelding
SITE_ADDRESS = ENVIRONMENT.site
AUDIT_ANCHOR = ENVIRONMENT.anchor

DEBUG = False
SECRET_KEY = environment.secret_key(ENVIRONMENT.secret_key_file)
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
ROOT_URLCONF = "zorgspiegel.config.urls"
WSGI_APPLICATION = "zorgspiegel.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": environment.database(ENVIRONMENT)}
# Shared by all worker processes: limits on logging in and used one-time codes hold for all together.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}}

INSTALLED_APPS = [
    "zorgspiegel.portal",  # before allauth, so that its pages are ours
    "zorgspiegel.ledger",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "zorgspiegel.portal.middleware.headers",  # first, so that it sees every answer: errors and files as well
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "zorgspiegel.ledger.circumstances.request_circumstances",
    "zorgspiegel.ledger.middleware.session_limits",
    "zorgspiegel.portal.middleware.door",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zorgspiegel.portal.context.site",
            ],
        },
    }
]

# Mail waits in an outbox and is sent by the worker. It holds links, never content.
DEFAULT_FROM_EMAIL = ENVIRONMENT.mail_from
globals().update(mail_settings(ENVIRONMENT.mail_url))

LANGUAGE_CODE = "nl"
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True

# Files that everyone may have. Names carry a digest, so browsers may keep them for ever.
STATIC_URL = "/static/"
STATIC_ROOT = HOME.root / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Accounts: by invitation only. E-mail and password, then a second factor.
AUTH_USER_MODEL = "ledger.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
ACCOUNT_ADAPTER = "zorgspiegel.ledger.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account exists only through an invitation to that address
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/inloggen/"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if ENVIRONMENT.https else "http"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.proxies
MFA_ADAPTER = "zorgspiegel.ledger.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Zorgspiegel"
MFA_TOTP_TOLERANCE = 0  # a code counts once; with tolerance the memory of used codes would be too short
MFA_ALLOW_UNVERIFIED_EMAIL = True

_ARGON2 = ["django.contrib.auth.hashers.Argon2PasswordHasher"] if find_spec("argon2") else []
PASSWORD_HASHERS = [*_ARGON2, "django.contrib.auth.hashers.ScryptPasswordHasher"]
_PASSWORDS = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": _PASSWORDS + "MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": _PASSWORDS + "CommonPasswordValidator"},
    {
        "NAME": _PASSWORDS + "UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "naam"), "max_similarity": 0.7},
    },
    {"NAME": "zorgspiegel.ledger.passwords.ContextWordsValidator"},
]

# Sessions: in the database, ended by the server. The name __Host- binds the cookie to this host and to HTTPS.
_HOST_ONLY = "__Host-" if ENVIRONMENT.https else ""
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = f"{_HOST_ONLY}zorgspiegel"
SESSION_COOKIE_SECURE = ENVIRONMENT.https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_IDLE_SECONDS = 30 * 60
SESSION_ABSOLUTE_SECONDS = 12 * 60 * 60
CSRF_COOKIE_NAME = f"{_HOST_ONLY}zorgspiegel-csrf"
CSRF_COOKIE_SECURE = ENVIRONMENT.https
CSRF_COOKIE_AGE = None  # as long as the browser is open
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "zorgspiegel.portal.views.errors.csrf_failure"

SECURE_SSL_REDIRECT = ENVIRONMENT.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.proxies else None
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60 if ENVIRONMENT.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENVIRONMENT.https
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Errors go to the standard error stream of the server, without anything that a visitor typed.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
