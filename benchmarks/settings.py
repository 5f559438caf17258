"""The settings of the benchmarks: the real ones, with keys of their own and a database that `benchmarks.__main__` starts."""

import base64
import os

for _name in [name for name in os.environ if name.startswith("REKEY_")]:
    del os.environ[_name]
os.environ["REKEY_SECRET_KEY"] = "only-for-benchmarks-" * 4
os.environ["REKEY_SEALING_KEYS"] = base64.b64encode(b"benchmarks, benchmarks, bench 32").decode()
os.environ["REKEY_DEMO"] = "1"
if _address := os.environ.get("BENCH_REKEY_AGENT_WAIT_URL"):
    os.environ["REKEY_AGENT_WAIT_URL"] = _address

from config.settings import *  # noqa: E402, F403  # the environment comes first

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
LOGGING = {}
WHITENOISE_AUTOREFRESH = True  # no collected folder is needed
