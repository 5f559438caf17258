"""One file per kind of captcha; `tenants.shield.captcha` finds them."""
