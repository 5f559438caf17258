"""The settings of the tests: the real ones, with an environment of their own."""

import base64
import os

os.environ.setdefault("DATABASE_URL", "postgresql://postgres@/rekey?host=/nowhere")
for _name in [name for name in os.environ if name.startswith("REKEY_")]:
    del os.environ[_name]
os.environ["REKEY_SECRET_KEY"] = "only-for-tests-" * 5
os.environ["REKEY_SEALING_KEYS"] = base64.b64encode(b"tests tests tests tests tests 32").decode()
os.environ["REKEY_DEMO"] = "1"

from config.settings import *  # noqa: E402, F403  # the environment comes first

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALTCHA_CHALLENGE = {"cost": 1, "max_number": 4, "expires_seconds": 600}
WHITENOISE_AUTOREFRESH = True  # no collected folder is needed
PASSWORD_HASHERS = ["tests.hashing.QuickHasher"]
