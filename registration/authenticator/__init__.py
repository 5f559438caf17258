"""The authenticator that needs no app store: a page that a phone installs, and how the phone speaks to us.

A phone pairs once, by a code of minutes, and makes a key that cannot leave it. From then on it signs whatever it says; what it
does not say itself, such as when it is woken by Web Push, proves nothing.
"""

#: The method that it serves (`registration.methods.app_notification`).
KIND = "app_notification"
